"""Cluster jobs: walltime, memory and cores are parsed once, and written as the manual of each scheduler requires."""

import re

import pytest

from noisette.errors import InputError
from noisette.studies import Cluster
from noisette.studies.executors._resources import memory_bytes, walltime_seconds

pytest.importorskip("dask_jobqueue")
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

CLOCK = r"(?P<h>\d+):(?P<m>[0-5]\d):(?P<s>[0-5]\d)"
# Directives in the script of a job of 4 cores and 8 GB with a time limit, from the manual of each scheduler.
TIMES = {
    "slurm": rf"^#SBATCH -t {CLOCK}$",  # sbatch(1): hours:minutes:seconds
    "pbs": rf"^#PBS -l walltime={CLOCK}$",  # pbs_resources(7): [[hours:]minutes:]seconds
    "moab": rf"^#PBS -l walltime={CLOCK}$",  # msub: [[[DD:]HH:]MM:]SS
    "sge": rf"^#\$ -l h_rt={CLOCK}$",  # sge_types(1): hours:minutes:seconds
    "oar": rf"^#OAR -l /nodes=1/core=4,walltime={CLOCK}$",  # oarsub(1): hour:mn:sec
    "lsf": r"^#BSUB -W (?P<h>\d+):(?P<m>[0-5]\d)$",  # bsub(1): [hour:]minute
    # "Automatically managing a job": the seconds that a job has been running (status 2)
    "htcondor": r"^periodic_remove = \(JobStatus == 2\) && \(time\(\) - EnteredCurrentStatus\) > (?P<s>\d+)$",
}
MEMORY = {  # pattern, unit in bytes, and number of units of the scheduler that share the memory
    "slurm": (r"^#SBATCH --mem=(\d+)G$", 2**30, 1),  # sbatch(1): K, M, G or T, powers of 1024
    "pbs": (r"^#PBS -l select=1:ncpus=4:mem=(\d+)MB$", 2**20, 1),  # pbs_resources(7B): mem in a chunk
    "moab": (r"^#PBS -l nodes=1:ppn=4,mem=(\d+)mb$", 2**20, 1),  # Torque: mem of the job, if it has one node
    "sge": (r"^#\$ -l mem_free=(\d+)M$", 2**20, 4),  # complex(5): per slot; sge_types(1): M is 1024 × 1024
    "lsf": (r"^#BSUB -M (\d+)$", 1000, 1),  # bsub(1): KB unless LSF_UNIT_FOR_LIMITS is set
    "htcondor": (r"^MY\.DaskWorkerMemory = (\d+)$", 1, 1),  # htcondor-jdl: request_memory in MiB
    "oar": (r"^#OAR -p mem_per_core>=(\d+)$", 2**20, 4),  # a property of the site, here in MiB per core
}
CORES = {
    "slurm": "#SBATCH --cpus-per-task=4",
    "sge": "#$ -pe smp 4",
    "lsf": "#BSUB -n 4",
    "htcondor": "MY.DaskWorkerCores = 4",
}


def script(kind, walltime="2:00:30", **options):
    return Cluster(kind, 2, 4, "8GB", walltime, {"interface": "lo", **options}).script()


@pytest.mark.parametrize("kind", TIMES)
def test_job_scripts_have_the_units_of_their_scheduler(kind, monkeypatch, tmp_path):
    monkeypatch.setenv("LSF_ENVDIR", str(tmp_path))  # no lsf.conf
    text = script(kind, **({"memory_per_core_property_name": "mem_per_core"} if kind == "oar" else {}))
    match = re.search(TIMES[kind], text, re.MULTILINE)
    assert match is not None, text
    parts = {name: int(value) for name, value in match.groupdict().items()}
    seconds = 3600 * parts.get("h", 0) + 60 * parts.get("m", 0) + parts.get("s", 0)
    assert 7230 <= seconds < 7230 + (60 if kind == "lsf" else 1)
    if kind in MEMORY:
        pattern, unit, slots = MEMORY[kind]
        match = re.search(pattern, text, re.MULTILINE)
        assert match is not None, text
        assert 8e9 <= int(match[1]) * unit * slots < 8e9 + unit * slots
    assert CORES.get(kind, "") in text
    if kind == "htcondor":
        assert "RequestMemory = floor(MY.DaskWorkerMemory / 1048576)" in text


def test_memory_of_lsf_has_the_unit_of_its_configuration(monkeypatch, tmp_path):
    monkeypatch.setenv("LSF_ENVDIR", str(tmp_path))
    (tmp_path / "lsf.conf").write_text("LSF_UNIT_FOR_LIMITS=MB\n")
    assert "#BSUB -M 8000\n" in script("lsf")


def test_options_take_precedence():
    assert "#OAR -p" not in script("oar")
    assert "#$ -pe mpi 2" in script("sge", job_extra_directives=["-pe mpi 2"])
    assert "smp" not in script("sge", job_extra_directives=["-pe mpi 2"])
    assert "#$ -l h_vmem=3G" in script("sge", resource_spec="h_vmem=3G")
    assert "MY.DaskWorkerDisk = 5000000000" in script("htcondor", disk="5GB")


@pytest.mark.parametrize(
    ("walltime", "kind", "seconds"),
    [
        ("2:00:00", "slurm", 7200),
        ("0:30:00", "pbs", 1800),
        ("100:00:00", "oar", 360_000),
        ("1-12:00:00", "slurm", 129_600),
        ("90min", "sge", 5400),
        ("2h", "pbs", 7200),
        ("1.5 h", "pbs", 5400),
        ("1d", "slurm", 86_400),
        ("1:30", "lsf", 5400),
    ],
)
def test_walltimes(walltime, kind, seconds):
    assert walltime_seconds(walltime, kind) == seconds


@pytest.mark.parametrize(
    ("walltime", "message"),
    [
        (7200, "YAML reads 2:00:00 without quotes as 7200"),
        ("90", "H:MM:SS"),
        ("2:00", "H:MM:SS"),  # minutes and seconds for SLURM, hours and minutes for LSF
        ("25:61:00", "minutes and seconds are below 60; write 26:01:00"),
        ("0:00:00", "above zero"),
        ("-1:00:00", "H:MM:SS"),
        ("2 fortnights", "H:MM:SS"),
        ("", "H:MM:SS"),
        (None, "H:MM:SS"),
        (True, "H:MM:SS"),
    ],
)
def test_ambiguous_walltimes_are_refused(walltime, message):
    with pytest.raises(InputError, match=f"walltime .*{re.escape(message)}"):
        walltime_seconds(walltime)


def test_memory():
    assert [memory_bytes(text) for text in ("8GB", "8 gb", "8G", "1GiB", "500MB", "1.5GB")] == [
        *[8 * 10**9] * 3,
        2**30,
        5 * 10**8,
        15 * 10**8,
    ]
    for bad in ("8000", 8000, "0", "", None, "8XB", "-8GB", "8GB 2", "10kB", "1iB", True):
        with pytest.raises(InputError, match="memory") as error:
            memory_bytes(bad)
        assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="write 8000MB"):
        memory_bytes("8000")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("slurm:\n    walltime: 2:00:00", "YAML reads 2:00:00 without quotes as 7200"),
        ("slurm:\n    cores: '4'", "cores '4'; an integer"),
        ("slurm:\n    memory: 8000", "memory 8000 has no unit"),
        ("slurm:\n    scheduler-options: 3", "scheduler_options 3; a table"),
        ("slurm:\n    job-script-prologue: module load python", "a list"),
        ("slurm: 3", "a table"),
        ("3: {}", "cluster 3; one of slurm"),
        ("{}", "describes 0 clusters"),
    ],
)
def test_invalid_files_are_refused_in_one_line(tmp_path, content, message):
    file = tmp_path / "cluster.yaml"
    file.write_text(f"jobqueue:\n  {content}\n")
    with pytest.raises(InputError, match=re.escape(message)) as error:
        Cluster.read(file, 1)
    assert "\n" not in str(error.value)
    assert "cluster.yaml" in str(error.value)


def test_empty_entries_of_a_file_have_their_defaults(tmp_path):
    file = tmp_path / "cluster.yaml"
    file.write_text("jobqueue:\n  slurm:\n    cores: null\n    memory: null\n    queue: null\n    walltime: null\n")
    assert Cluster.read(file, 1) == Cluster("slurm")
    file.write_text("jobqueue:\n  slurm: null\n")
    assert Cluster.read(file, 1) == Cluster("slurm")


def test_an_absent_interface_is_reported():
    with pytest.raises(InputError, match="'ib9' is not a valid network interface") as error:
        Cluster("slurm", options={"interface": "ib9"}).script()
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="unexpected keyword argument 'nope'"):
        Cluster("slurm", options={"nope": 1}).script()


@pytest.mark.parametrize(("options", "host"), [({}, "127.0.0.1"), ({"dashboard_address": "0.0.0.0:0"}, "0.0.0.0")])
def test_the_dashboard_is_on_loopback_unless_asked(options, host):
    cluster = Cluster("slurm", options={"interface": "lo", "scheduler_options": options}).create()
    try:
        sockets = cluster.scheduler.http_server._sockets.values()
        assert {socket.getsockname()[0] for socket in sockets if socket.family.name == "AF_INET"} == {host}
    finally:
        cluster.close()
