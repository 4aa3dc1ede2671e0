#!/bin/sh
# Hashes, tiles and components of a folder of photos as a job array: here by xargs, and any scheduler can take its place.
#
#     sh job_array.sh PHOTOS OUT [SHARES]          JOBS=2: jobs at once; ADLINK=path/to/adlink
#
# Every line below that starts a job stands for an array of a scheduler: `adlink hash --shard "$SLURM_ARRAY_TASK_ID/64"`.
# A job that is started again does nothing when its output is whole, and leaves nothing half done when it is killed.
set -eu
photos=$1 shares=${3:-4} jobs=${JOBS:-2}
# Tiles of other shares would be of the same photos: a folder for each number of shares.
hashes=$2/hashes-$shares pairs=$2/pairs-$shares
ADLINK=${ADLINK:-adlink}
export ADLINK hashes pairs
mkdir -p "$hashes" "$pairs"

# Exit code 3 is "done, but some inputs were skipped": they stand in the files with their reason.
done_or_skipped='"$@" || [ $? -eq 3 ]'

seq "$shares" | xargs -P "$jobs" -I {} \
    sh -c "$done_or_skipped" job \
    "$ADLINK" hash "$photos" --dihedral --shard "{}/$shares" -o "$hashes/{}.parquet" --threads 1

# Every share with itself and with those after it.
for i in $(seq "$shares"); do for j in $(seq "$i" "$shares"); do echo "$i $j"; done; done |
    xargs -P "$jobs" -L 1 sh -c '
        "$ADLINK" join "$hashes/$0.parquet" "$hashes/$1.parquet" --forest -o "$pairs/$0-$1.parquet" --threads 1 ||
            [ $? -eq 3 ]'

"$ADLINK" components "$pairs"/*.parquet -o "$2/components.parquet"
