"""Mutation test: change one operator or number at a time, and check whether a test fails.

    python benchmarks/mutants.py theory probes analysis simulation       # 60 mutants, 15 in each package
    python benchmarks/mutants.py theory/markov/_measures.py --sample 20 --seed 1    # in one module
    python benchmarks/mutants.py theory probes --only 7 12 --cpu 600     # two mutants of a sample, with more time

The sample contains the same number of mutants from each argument. Every mutant is applied to a copy of `src`, and
pytest runs the test files that can reach it until the first failure: the files named after the module, the examples in
its docstrings, then the test files that mention one of its public names, then those that mention a public name of the
modules that import it, and so on. A mutant that passes all of them survives: either a test is missing, or the change
has no effect. A run that requires more CPU time than `--cpu` is stopped and reported as undecided; it counts as
surviving. Finally, the tests that failed are run on the unchanged source, where they must pass.

Two kinds of changes are excluded, because tests are not expected to detect them: text and types (annotations,
docstrings, messages, attributes of results), and constants of modules, which are numbers of iterations and tolerances.
"""

import argparse
import ast
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "noisette"
DEPTH = 3  # importers of importers of importers; at a larger depth, nearly all tests mention a name
MOST = 8  # largest number of test files per mutant; the most relevant files are used
COMPARISONS = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "=="}
OPERATORS = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "*", ast.Pow: "*"}
TEXT = {"require", "InputError", "warn", "update", "Variable", "provenance", "assign_attrs", "dict"}


@dataclass(frozen=True)
class Mutant:
    """One change: the bytes from `start` to `stop` of `path` become `text`."""

    path: str
    line: int
    start: int
    stop: int
    before: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before!r} -> {self.text!r}"


def is_text(node: ast.AST) -> bool:
    """Return whether the node is text, a type or a constant of the module, which are not changed."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return called in TEXT
    if isinstance(node, ast.Assign):
        targets = [part for target in node.targets for part in getattr(target, "elts", [target])]
        return all(isinstance(target, ast.Name) and target.id.isupper() for target in targets)
    return isinstance(node, ast.JoinedStr)


def mutants(path: Path) -> list[Mutant]:
    """Return all mutants of one file."""
    data, name = path.read_bytes(), str(path.relative_to(SOURCE))
    offsets = [0, *accumulate(map(len, data.splitlines(keepends=True)))]
    changes: list[Mutant] = []

    def place(node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return offsets[node.lineno - 1] + node.col_offset, offsets[node.end_lineno - 1] + node.end_col_offset

    def change(node: ast.expr, start: int, stop: int, text: str) -> None:
        changes.append(Mutant(name, node.lineno, start, stop, data[start:stop].decode(), text))

    def between(node: ast.expr, left: ast.expr, right: ast.expr, symbol: str | None) -> None:
        start, stop = place(left)[1], place(right)[0]
        gap = data[start:stop].decode()
        operator = gap.strip(" ()\n")
        if symbol is not None and operator and operator.split()[0] == operator and gap.count(operator) == 1:
            first = start + len(gap[: gap.index(operator)].encode())
            change(node, first, first + len(operator.encode()), symbol)

    def visit(node: ast.AST) -> None:
        if is_text(node):
            return
        if isinstance(node, ast.FunctionDef):
            children: list[ast.AST] = list(node.body)
        elif isinstance(node, ast.AnnAssign):
            children = [] if node.value is None else [node.value]
        else:
            children = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            between(node, node.left, node.comparators[0], COMPARISONS.get(type(node.ops[0])))
        elif isinstance(node, ast.BinOp):
            sides = (node.left, node.right)
            if not any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in sides):
                between(node, node.left, node.right, OPERATORS.get(type(node.op)))
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, int | float) and not isinstance(node.value, bool):
                change(node, *place(node), str(node.value + 1))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
            change(node, place(node)[0], place(node)[0] + (1 if isinstance(node.op, ast.USub) else 3), "")
        for child in children:
            visit(child)

    for part in ast.parse(data).body:
        visit(part)
    return changes


def modules(package: str) -> list[Path]:
    """Return the modules of a package, or the module itself."""
    place = SOURCE / package
    paths = [place] if place.is_file() else sorted(place.rglob("*.py"))
    return [path for path in paths if path.name != "__init__.py"]


def sample(packages: list[str], number: int, seed: int) -> list[Mutant]:
    """Draw the same number of mutants from each package."""
    chosen: list[Mutant] = []
    for package in packages:
        candidates = [mutant for path in modules(package) for mutant in mutants(path)]
        chosen += random.Random(seed).sample(candidates, min(number // len(packages), len(candidates)))
    return chosen


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the dotted names that a module imports."""
    nodes = [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.ImportFrom)]
    return frozenset(f"{node.module}{tail}" for node in nodes for tail in ("", *(f".{a.name}" for a in node.names)))


@cache
def words(path: Path) -> frozenset[str]:
    """Return the name of a module and its public names: a test that can reach it mentions one of them."""
    nodes = [node for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return frozenset({path.stem} | {node.name for node in nodes if not node.name.startswith("_")})


@cache
def levels(module: Path) -> list[set[Path]]:
    """Return the module, the modules that import it, the importers of these, and so on."""
    reached, result = {module}, [{module}]
    for _ in range(DEPTH):
        dotted = {".".join(path.relative_to(SOURCE.parent).with_suffix("").parts) for path in result[-1]}
        importers = {path for path in SOURCE.rglob("*.py") if path.name != "__init__.py" and imports(path) & dotted}
        result.append(importers - reached)
        reached |= importers
    return result


@cache
def tests(module: Path) -> list[Path]:
    """Return the test files that can reach a module, the most relevant first."""
    folder = ROOT / "tests" / module.relative_to(SOURCE).parts[0]
    named = {f"test_{part.strip('_')}.py" for part in module.relative_to(SOURCE).with_suffix("").parts}
    ranks: dict[Path, tuple[bool, bool, int, int]] = {}
    for test in sorted((ROOT / "tests").rglob("test_*.py")):
        used = set(re.findall(r"\w+", test.read_text(encoding="utf-8")))
        for level, paths in enumerate(levels(module)):
            if mentioned := len(used & set().union(*map(words, paths))):
                elsewhere = folder not in test.parents
                ranks[test] = (elsewhere or test.name not in named, elsewhere, level, -mentioned)
                break
    ordered = sorted(ranks, key=lambda test: ranks[test])[:MOST]
    return [*(t for t in ordered if not ranks[t][0]), module, *(t for t in ordered if ranks[t][0])]


def run(files: list[str], copy: Path, cpu: float, *options: str) -> "subprocess.CompletedProcess[str]":
    """Run pytest on a copy of the source, with a limit of CPU time."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", "--tb=line", *options, *files]
    environment = {**os.environ, "PYTHONPATH": str(copy), "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    limit = partial(resource.setrlimit, resource.RLIMIT_CPU, (int(cpu), int(cpu) + 5))
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, preexec_fn=limit)


def failures(done: "subprocess.CompletedProcess[str]") -> list[str]:
    """Return the names of the tests that failed, without their parameters."""
    return re.findall(r"^(?:FAILED|ERROR) ([^\s\[]+)", done.stdout, re.MULTILINE)


def write(path: Path, data: bytes) -> None:
    """Write a module, and remove its compiled files, because their time stamps have a resolution of one second."""
    path.write_bytes(data)
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        compiled.unlink()


def killer(mutant: Mutant, copy: Path, cpu: float, skip: list[str]) -> tuple[str, str]:
    """Run the tests on the changed source; return the test that fails ("" if none) and the outcome to be printed."""
    path = copy / "noisette" / mutant.path
    data = path.read_bytes()
    files = [str(path if file.is_relative_to(SOURCE) else file) for file in tests(SOURCE / mutant.path)]
    write(path, data[: mutant.start] + mutant.text.encode() + data[mutant.stop :])
    done = run(files, copy, cpu, "-x", *(f"--deselect={test}" for test in skip))
    write(path, data)
    if done.returncode == 0:
        return "", f"survives {len(files)} files"
    if done.returncode < 0:
        return "", f"undecided after {cpu:g} s, {done.stdout.partition(' ')[0].count('.')} tests passed"
    failed = failures(done)
    if not failed:  # for example, if no test file can be imported after the change
        raise SystemExit(f"{mutant}: no result\n{done.stdout}{done.stderr}")
    return failed[0], f"killed by {failed[0]}"


def main() -> None:
    """Sample mutants, run the tests that reach them, and print the surviving mutants."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="+", help="packages or modules below src/noisette")
    parser.add_argument("--sample", type=int, default=60, help="number of mutants, in equal parts from each argument")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sample")
    parser.add_argument("--cpu", type=float, default=90, help="CPU time for the tests of a mutant, in seconds")
    parser.add_argument(
        "--skip", nargs="*", default=[], help="tests to be excluded, because they fail on the unchanged source"
    )
    parser.add_argument("--only", type=int, nargs="*", help="numbers of the mutants in the sample that are run")
    options = parser.parse_args()
    numbered = enumerate(sample(options.packages, options.sample, options.seed), 1)
    chosen = [(number, mutant) for number, mutant in numbered if not options.only or number in options.only]
    killers: dict[Mutant, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "src"
        shutil.copytree(SOURCE.parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
        for number, mutant in chosen:
            started = time.monotonic()
            failed, outcome = killer(mutant, copy, options.cpu, options.skip)
            killers |= {mutant: failed} if failed else {}
            print(f"[{number}] {mutant}: {outcome} ({time.monotonic() - started:.0f} s)", flush=True)
        # a test that also fails on the unchanged source has not killed the mutant
        again = run(sorted({*killers.values()}), copy, 100 * options.cpu) if killers else None
    broken = failures(again) if again else []
    if again and again.returncode != bool(broken):
        raise SystemExit(f"the unchanged source: no result\n{again.stdout}{again.stderr}")
    killed = [mutant for mutant, test in killers.items() if test not in broken]
    print("".join(f"{test} also fails on the unchanged source; exclude it with --skip\n" for test in broken), end="")
    print(f"{len(killed)} of {len(chosen)} mutants killed; the others:")
    print(*(f"[{number}] {mutant}" for number, mutant in chosen if mutant not in killed), sep="\n")


if __name__ == "__main__":
    main()
