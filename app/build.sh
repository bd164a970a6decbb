# Sourced by app/run and test/run, from the top of the checkout: installing Debian's packages and building.

# install_packages LIST...: installs what the lists name and the machine lacks. Says nothing when nothing is missing.
install_packages() {
    local missing as_root=()
    missing=$(sort -u "$@" | while read -r package; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
    done)
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "missing packages, and neither root nor sudo to install them: $missing" >&2; return 1; }
        as_root=(sudo)
    fi
    echo "Installing: $(echo "$missing" | tr '\n' ' ')" >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
    # shellcheck disable=SC2086  # one word per package is meant
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2
}

# configure DIR [cmake options]: only when the folder is new; ninja re-runs CMake by itself when its files change.
configure() {
    local dir=$1
    shift
    [ -e "$dir/build.ninja" ] || cmake -S . -B "$dir" -G Ninja \
        -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 "$@" >&2
}

# What the compiler allocates lies in pages of 2 MB where the system gives them on request: on a virtual machine each page of 4 KB
# that is touched for the first time takes time of its own.
compile() {
    GLIBC_TUNABLES=glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432 ninja -C "$1" --quiet >&2
}

# The program people run: Release, without tests, in build/.
build_release() {
    configure build -DCMAKE_BUILD_TYPE=Release -DPOSTERN_TESTS=OFF
    compile build
}
