"""Walltime and memory of cluster jobs, parsed once and written in the units of each scheduler."""

import math
import re
from typing import Any

from noisette.errors import InputError, require

WALLTIME_FORMS = "H:MM:SS, D-HH:MM:SS, or a number with a unit, as in 90min, 2h or 1d"
MEMORY_FORMS = "a number with a unit, as in 500MB, 8GB or 8GiB"
CLOCK = re.compile(r"(?:(?P<days>\d+)-)?(?P<hours>\d+):(?P<minutes>\d+):(?P<seconds>\d+)")
AMOUNT = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-z]+)")
HOUR_AND_MINUTE = re.compile(r"(\d+):(\d\d)")
TIME_UNITS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hour": 3600, "hours": 3600, "d": 86400, "days": 86400}
PREFIXES = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
LEAST_MEMORY = 1_000_000  # bytes


def walltime_seconds(walltime: Any, kind: str = "slurm") -> int:
    """Return a time limit in seconds.

    Parameters
    ----------
    walltime : text such as "2:00:00", "1-12:00:00", "90min" or "2h"
    kind : cluster; LSF also writes hours and minutes, as in "2:00", which is refused for others because SLURM reads it
        as minutes and seconds

    Raises
    ------
    InputError : If the text has another form, minutes or seconds exceed 59, or the limit is zero.

    Examples
    --------
    >>> walltime_seconds("2:00:00"), walltime_seconds("1-12:00:00"), walltime_seconds("90min")
    (7200, 129600, 5400)
    >>> walltime_seconds("25:61:00")
    Traceback (most recent call last):
    noisette.errors.InputError: walltime '25:61:00'; minutes and seconds are below 60; write 26:01:00
    """
    if isinstance(walltime, int | float) and not isinstance(walltime, bool):
        raise InputError(
            f"walltime {walltime!r} is a number without a unit; YAML reads 2:00:00 without quotes as 7200; "
            f"write it in quotes: {WALLTIME_FORMS}"
        )
    if not isinstance(walltime, str):
        raise InputError(f"walltime {walltime!r}; {WALLTIME_FORMS}")
    text = walltime.strip()
    if kind == "lsf" and (match := HOUR_AND_MINUTE.fullmatch(text)):
        seconds = 3600 * int(match[1]) + 60 * int(match[2])
    elif match := CLOCK.fullmatch(text):
        days, hours, minutes, rest = (int(part or 0) for part in match.groups())
        seconds = 86400 * days + 3600 * hours + 60 * minutes + rest
        allowed = "minutes and seconds are below 60"
        require(minutes < 60 and rest < 60, f"walltime {walltime!r}", allowed, f"write {clock(seconds)}")
    elif (match := AMOUNT.fullmatch(text)) and match["unit"].lower() in TIME_UNITS:
        seconds = math.ceil(float(match["number"]) * TIME_UNITS[match["unit"].lower()])
    else:
        raise InputError(f"walltime {walltime!r}; {WALLTIME_FORMS}")
    require(seconds > 0, f"walltime {walltime!r}", "a time above zero")
    return seconds


def memory_bytes(memory: Any) -> int:
    """Return an amount of memory in bytes.

    Raises
    ------
    InputError : If it has no unit, an unknown unit, or is less than 1 MB.

    Examples
    --------
    >>> memory_bytes("8GB"), memory_bytes("8 GiB")
    (8000000000, 8589934592)
    >>> memory_bytes("8000")
    Traceback (most recent call last):
    noisette.errors.InputError: memory '8000' has no unit; a number with a unit, ...; write 8000MB if ...
    """
    plain = str(memory).strip()
    if re.fullmatch(r"\d+(\.\d+)?", plain):
        remedy = f"write {plain}MB if megabytes are meant" if float(plain) > 0 else ""
        require(False, f"memory {memory!r} has no unit", MEMORY_FORMS, remedy)
    match = AMOUNT.fullmatch(plain) if isinstance(memory, str) else None
    require(match is not None, f"memory {memory!r}", MEMORY_FORMS)
    assert match is not None
    unit = match["unit"].lower()
    prefix = unit.removesuffix("b").removesuffix("i")
    require(prefix in PREFIXES and unit != "i", f"memory {memory!r} in an unknown unit", MEMORY_FORMS)
    base = 1024 if unit.removesuffix("b").endswith("i") else 1000
    size = math.ceil(float(match["number"]) * base ** PREFIXES[prefix])
    require(size >= LEAST_MEMORY, f"memory {memory!r}", "at least 1MB")
    return size


def clock(seconds: int) -> str:
    """Return a time as H:MM:SS, which SLURM, PBS, Moab, SGE and OAR read.

    Examples
    --------
    >>> clock(5400), clock(360_000)
    ('1:30:00', '100:00:00')
    """
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def job_settings(kind: str, cores: int, memory: int, seconds: int, options: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a dask-jobqueue class for the resources of a job, in the units of the scheduler.

    The time limit is H:MM:SS for SLURM (``-t``), PBS and Moab (``-l walltime=``), SGE (``-l h_rt=``) and OAR
    (``-l …,walltime=``), hours and minutes for LSF (``-W``), and seconds for HTCondor (``periodic_remove``). Memory is
    written in powers of 1024; it is that of the job, except for SGE, where a consumable resource is requested per slot.
    OAR and SGE leave the names of resources to the site: ``memory_per_core_property_name`` and ``resource_spec`` in
    `options` replace them. Arguments in `options` take precedence.

    Parameters
    ----------
    kind : scheduler
    cores : cores per job
    memory : memory per job in bytes
    seconds : time limit of a job
    options : further arguments of the class

    Examples
    --------
    >>> job_settings("lsf", 1, 2 * 10**9, 5430, {})["walltime"]
    '1:31'

    References
    ----------
    Manual pages: sbatch(1) of SLURM; pbs_resources(7B) of OpenPBS ("walltime", "mem"); "Requesting resources" of Torque
    4.1 ("mem", "nodes") and msub of Moab; bsub (``-M``, ``-W``) and LSF_UNIT_FOR_LIMITS of IBM Spectrum LSF 10.1;
    sge_types(1) ("memory_specifier") and complex(5) ("consumable", "mem_free") of Grid Engine; oarsub(1) (``-l``) of
    OAR 2.5; htcondor-jdl and "Automatically managing a job" of HTCondor.
    """
    settings: dict[str, Any] = {"cores": cores, "processes": cores, "memory": f"{memory}B", "walltime": clock(seconds)}
    mebibytes = math.ceil(memory / 2**20)
    if kind == "lsf":
        minutes = math.ceil(seconds / 60)
        settings["walltime"] = f"{minutes // 60}:{minutes % 60:02d}"
    elif kind == "moab":  # not the `select` of PBS Professional
        settings["resource_spec"] = f"nodes=1:ppn={cores},mem={mebibytes}mb"
    elif kind == "sge":
        extra = list(options.get("job_extra_directives") or [])
        if cores > 1 and not any(str(line).startswith("-pe") for line in extra):
            extra.append(f"-pe smp {cores}")
        settings |= {"resource_spec": f"mem_free={math.ceil(mebibytes / cores)}M", "job_extra_directives": extra}
        return {**settings, **{name: value for name, value in options.items() if name != "job_extra_directives"}}
    elif kind == "oar":  # the name of the property of memory depends on the site
        settings["memory_per_core_property_name"] = "not_applicable"
    elif kind == "htcondor":
        del settings["walltime"]
        # Jobs are removed, because those that exceed `allowed_job_duration` are held and would stay in the queue.
        limit = {"periodic_remove": f"(JobStatus == 2) && (time() - EnteredCurrentStatus) > {seconds}"}
        extra = limit | dict(options.get("job_extra_directives") or {})
        return {**settings, "disk": "1GB", **options, "job_extra_directives": extra}
    return settings | options
