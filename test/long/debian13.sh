#!/bin/sh
# Builds the torch engine for Debian 13's libtorch and runs its tests, in a new root of Debian 13.
#
#   debian13.sh FOLDER REPOSITORY MIRROR
#
# FOLDER must not exist. Needs root and debootstrap; N2UQ_CACHE has the data sets. The last line is that of tap.
set -eu
folder=$1 repository=$2 mirror=$3

finish() {
  for place in "$folder/proc" "$folder/dev" "$folder/cache"; do
    mountpoint -q "$place" && umount "$place"
  done
}
trap finish EXIT

debootstrap --variant=minbase --include=g++,libtorch-dev,nodejs,git trixie "$folder" "$mirror" >"$folder.log" 2>&1 ||
  { tail -n 5 "$folder.log" && exit 1; }
mkdir "$folder/work" "$folder/cache"
# Hard links would share the files that tests write.
for part in $(git -C "$repository" ls-files | cut -d/ -f1 | sort -u) dist node_modules; do
  cp -a "$repository/$part" "$folder/work/"
done
mount --bind "$N2UQ_CACHE" "$folder/cache"
mount --bind /proc "$folder/proc"
mount --bind /dev "$folder/dev"
# Compilers that only this machine has must not be used.
chroot "$folder" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root NO_COLOR=1 \
  N2UQ_CACHE=/cache N2UQ_ENGINES=/engines N2UQ_TEST_ENGINES=/engines N2UQ_REQUIRE_TORCH=1 \
  sh -euc 'cd /work && node bin/n2uq.js engine install torch && node scripts/test-torch.js'
