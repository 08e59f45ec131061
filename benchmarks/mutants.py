"""Mutation test: change one operator or constant at a time, and see whether a test fails.

    python benchmarks/mutants.py --sample 60 --seed 0 theory probes analysis simulation
    python benchmarks/mutants.py --map coverage.json theory    # reuse the map of lines to tests

The first pass runs the tests of the packages under coverage, once per test file, to learn which files run which lines.
Every mutant then lives in a copy of `src`, and the test files that run its line are run until the first failure. A
mutant that passes all of them survives: either a test is missing, or the change is without effect. Two kinds of
change are left out, since no test is meant to see them: text and types (annotations, docstrings, messages, attributes
of results), and the numbers of iterations and tolerances in capital letters at the head of a module.
"""

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "noisette"
LIMIT = 400.0  # seconds for the tests of a mutant; more counts as an endless loop, and as killed
COMPARISONS = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
}
OPERATORS = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "*", ast.Pow: "*"}
TEXT = {"require", "InputError", "warn", "update", "Variable", "provenance", "assign_attrs", "dict"}


@dataclass(frozen=True)
class Mutant:
    """One change: the characters from `start` to `stop` of `path` become `text`."""

    path: str
    line: int
    start: int
    stop: int
    before: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before!r} -> {self.text!r}"


def mutants(path: Path) -> list[Mutant]:
    """Return every mutant of one file."""
    source = path.read_text(encoding="utf-8")
    lines = source.encode().splitlines(keepends=True)
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    tree = ast.parse(source)
    name = str(path.relative_to(SOURCE))
    data = source.encode()
    changes: list[Mutant] = []

    def place(node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return offsets[node.lineno - 1] + node.col_offset, offsets[node.end_lineno - 1] + node.end_col_offset

    def change(node: ast.expr, start: int, stop: int, text: str) -> None:
        changes.append(Mutant(name, node.lineno, start, stop, data[start:stop].decode(), text))

    def between(node: ast.expr, left: ast.expr, right: ast.expr, symbols: dict[type, str], kind: ast.AST) -> None:
        if type(kind) not in symbols:
            return
        start, stop = place(left)[1], place(right)[0]
        gap = data[start:stop].decode()
        bare = gap.strip(" ()\n")
        if bare and bare.split()[0] == bare and gap.count(bare) == 1:
            at = start + len(gap[: gap.index(bare)].encode())
            change(node, at, at + len(bare.encode()), symbols[type(kind)])

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef):
            for part in node.body:
                visit(part)
            return
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                visit(node.value)
            return
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in TEXT:
                return
        if isinstance(node, ast.JoinedStr):
            return
        if isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) and t.id.isupper() for t in node.targets):
            return
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            between(node, node.left, node.comparators[0], COMPARISONS, node.ops[0])
        elif isinstance(node, ast.BinOp) and not any(
            isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node.left, node.right)
        ):
            between(node, node.left, node.right, OPERATORS, node.op)
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
        ):
            change(node, *place(node), str(node.value + 1))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
            start, stop = place(node)[0], place(node.operand)[0]
            change(node, start, stop, "")
        for child in ast.iter_child_nodes(node):
            visit(child)

    for part in tree.body:
        visit(part)
    return changes


def files(packages: list[str]) -> list[Path]:
    """Return the modules of the packages."""
    paths: list[Path] = []
    for package in packages:
        place = SOURCE / package
        paths += [place] if place.is_file() else sorted(place.rglob("*.py"))
    return [path for path in paths if path.name != "__init__.py"]


def environment(source: Path) -> dict[str, str]:
    """Return the environment in which `source` is what is imported."""
    return {**os.environ, "PYTHONPATH": str(source), "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}


def lines_of_tests(tests: list[Path]) -> dict[str, dict[str, list[int]]]:
    """Return, for each test file, which lines of which modules it runs."""
    covered: dict[str, dict[str, list[int]]] = {}
    for test in tests:
        with tempfile.TemporaryDirectory() as folder:
            data, report = f"{folder}/data", f"{folder}/report.json"
            coverage = [sys.executable, "-m", "coverage"]
            run = [*coverage, "run", f"--data-file={data}", f"--source={SOURCE}", "-m", "pytest", "-n", "0", "-q"]
            subprocess.run(
                [*run, str(test)], cwd=ROOT, env=environment(SOURCE.parent), capture_output=True, check=False
            )
            subprocess.run(
                [*coverage, "json", f"--data-file={data}", "-o", report], cwd=ROOT, capture_output=True, check=False
            )
            found = json.loads(Path(report).read_text())["files"]
        covered[str(test.relative_to(ROOT))] = {
            str(Path(ROOT, name).resolve().relative_to(SOURCE)): entry["executed_lines"]
            for name, entry in found.items()
        }
        print(f"{test.relative_to(ROOT)}: lines of {len(covered[str(test.relative_to(ROOT))])} modules", flush=True)
    return covered


def importing(covered: dict[str, dict[str, list[int]]]) -> dict[str, dict[str, int]]:
    """Return, for each test file and module, how many lines it runs: what it is most about runs first."""
    return {test: {name: len(lines) for name, lines in modules.items()} for test, modules in covered.items()}


def survives(mutant: Mutant, tests: list[str]) -> bool:
    """Run the tests on a copy of the source with the change; say whether all pass."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "src"
        shutil.copytree(SOURCE.parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
        path = copy / "noisette" / mutant.path
        data = path.read_bytes()
        path.write_bytes(data[: mutant.start] + mutant.text.encode() + data[mutant.stop :])
        for test in tests:
            run = [sys.executable, "-m", "pytest", "-x", "-n", "0", "-q", "-p", "no:cacheprovider", test]
            try:
                done = subprocess.run(
                    run, cwd=ROOT, env=environment(copy), capture_output=True, timeout=LIMIT, check=False
                )
            except subprocess.TimeoutExpired:
                return False
            if done.returncode != 0:
                return False
        doctest = [sys.executable, "-m", "pytest", "-x", "-n", "0", "-q", "-p", "no:cacheprovider"]
        doctest += ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(copy), str(path)]
        done = subprocess.run(doctest, cwd=copy, env=environment(copy), capture_output=True, timeout=LIMIT, check=False)
        return done.returncode in (0, 5)


def main() -> None:
    """Sample mutants, run the tests that reach them, print the survivors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="+", help="packages or modules below src/noisette")
    parser.add_argument("--sample", type=int, default=60, help="number of mutants")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tests", nargs="*", default=[], help="test files; those of the packages by default")
    parser.add_argument("--map", type=Path, help="JSON file that keeps the map of lines to tests")
    options = parser.parse_args()
    every = [mutant for path in files(options.packages) for mutant in mutants(path)]
    folders = [ROOT / "tests" / package.partition("/")[0] for package in options.packages]
    tests = [ROOT / test for test in options.tests] or sorted({t for f in folders for t in f.glob("test_*.py")})
    if options.map is not None and options.map.exists():
        covered = json.loads(options.map.read_text())
    else:
        covered = lines_of_tests(tests)
        if options.map is not None:
            options.map.write_text(json.dumps(covered))
    chosen = random.Random(options.seed).sample(every, min(options.sample, len(every)))
    counts, survivors = importing(covered), []
    for number, mutant in enumerate(chosen, 1):
        reach = [t for t, modules in covered.items() if mutant.line in modules.get(mutant.path, [])]
        reach.sort(key=lambda t: -counts[t][mutant.path])
        alive = survives(mutant, reach)
        survivors += [mutant] if alive else []
        print(
            f"[{number}/{len(chosen)}] {'SURVIVES' if alive else 'killed  '} {mutant} ({len(reach)} files)", flush=True
        )
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} mutants killed; {len(survivors)} survive")
    for mutant in survivors:
        print(f"  {mutant}")


if __name__ == "__main__":
    main()
