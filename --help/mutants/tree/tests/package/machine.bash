# A clean Debian 12 that boots systemd in a container with a network of its own; sourced by clean-install.
# Needs root, debootstrap and systemd-nspawn. $work is the folder for it all, $base a debootstrapped root (kept).

# The mirror that this machine's apt uses.
mirror_of() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' | awk -v suite="$1" '$2 == suite { print $1; exit }'
}

make_base() {
    [ -e "$base/complete" ] && return
    rm -rf "$base"
    local mirror security
    mirror=$(mirror_of bookworm)
    security=$(mirror_of bookworm-security)
    debootstrap --variant=minbase --include=systemd-sysv,dbus,ca-certificates bookworm "$base" "$mirror"
    {
        echo "deb $mirror bookworm main"
        [ -z "$security" ] || echo "deb $security bookworm-security main"
    } >"$base/etc/apt/sources.list"
    # How this machine reaches its mirror may be said in apt's configuration.
    grep -l '^ *Acquire' /etc/apt/apt.conf.d/* | while read -r file; do cp "$file" "$base/etc/apt/apt.conf.d/"; done
    : >"$base/etc/machine-id"
    touch "$base/complete"
}

# A fresh copy, with our packages in /packages and all that is to be installed downloaded while there is a network.
make_machine() {
    rm -rf "$work/root"
    cp -a "$base" "$work/root"
    mkdir "$work/root/packages"
    cp "$packages"/libnginx-mod-http-mogiri_*.deb "$packages"/mogirid_*.deb "$work/root/packages/"
    systemd-nspawn -q --pipe --register=no --keep-unit --resolv-conf=copy-host -D "$work/root" bash -c \
        'apt-get -q update && apt-get -qy --no-install-recommends --download-only install /packages/*.deb "$@"' download "$@" \
        </dev/null >"$work/download.log" 2>&1 || { tail -n 20 "$work/download.log" >&2; return 1; }
}

boot() {
    (
        while :; do
            systemd-nspawn -q -D "$work/root" --boot --register=no --keep-unit --machine=mogiri-package-test \
                --private-network --capability=CAP_NET_ADMIN --resolv-conf=off </dev/null >>"$work/console.log" 2>&1 &
            echo $! >"$work/nspawn.pid"
            status=0
            wait $! || status=$?
            [ $status -eq 133 ] || exit $status # 133: the machine wants to be booted again
        done
    ) &
    machine=$!
    wait_until "the machine to run" is_running
}

# The machine's first process; another one after every boot.
leader() {
    pgrep -P "$(cat "$work/nspawn.pid")" | head -n 1
}

inside() {
    nsenter -t "$(leader)" -m -u -i -p -n -C -r -w -- env -i LANG=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

is_running() {
    [ "$(inside systemctl is-system-running 2>/dev/null)" = running ]
}

shut_down() {
    [ -n "${machine:-}" ] || return 0
    kill -TERM "$(cat "$work/nspawn.pid")" 2>/dev/null || true
    wait "$machine" 2>/dev/null || true
    machine=
}

wait_until() {
    local what=$1 deadline=$((SECONDS + 60))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || { echo "waited 60 s in vain for $what" >&2; return 1; }
        sleep 0.1
    done
}
