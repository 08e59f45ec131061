#!/bin/bash
# A SLURM of one node on this machine: `slurm.sh install`, `slurm.sh start FOLDER [JOBS]`, `slurm.sh stop FOLDER`.
# For Debian and its like, as root; everything but the installed programs lies in FOLDER. The node claims as many CPUs as
# JOBS (4), so that jobs run side by side wherever the test runs.
set -euo pipefail

install() {
    local options=(-o Acquire::Retries=0 -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10)
    apt-get "${options[@]}" update -qq
    DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install -y -qq --no-install-recommends slurmctld slurmd slurm-client munge
}

start() {
    local folder=$1 cpus=${2:-4} host
    host=$(hostname -s)
    mkdir -p "$folder"/{state,spool,munge}
    chmod 700 "$folder/munge"
    head -c 1024 /dev/urandom > "$folder/munge/key"
    chmod 400 "$folder/munge/key"
    munged --force --key-file "$folder/munge/key" --socket "$folder/munge/socket" --pid-file "$folder/munge/pid" \
        --log-file "$folder/munge/log" --seed-file "$folder/munge/seed"
    cat > "$folder/slurm.conf" <<EOF
ClusterName=noisette
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,bf_interval=1
KillWait=2
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
EOF
    export SLURM_CONF=$folder/slurm.conf
    slurmctld
    slurmd -N "$host"
    for _ in $(seq 50); do
        sinfo -h -o %T 2> /dev/null | grep -q idle && return
        sleep 0.2
    done
    echo "SLURM did not start; see $folder/*.log" >&2
    return 1
}

stop() {
    local folder=$1
    export SLURM_CONF=$folder/slurm.conf
    scancel --user="$(id -un)" 2> /dev/null || true
    for file in "$folder"/slurmd.pid "$folder"/slurmctld.pid "$folder"/munge/pid; do
        [ -f "$file" ] && kill "$(cat "$file")" 2> /dev/null || true
    done
}

"$@"
