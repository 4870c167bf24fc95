import { recipe, shell } from "../../src/recipe/mod.ts";

const variables = 'CC="$CC" AR="$AR" NETNS_RUN_DIR=/run/netns';

/**
 * Without libmnl, which cannot be had: so without the kernel's explanation of an error, devlink, dcb, rdma, vdpa and tipc. Without
 * libelf and libbpf, tc and ip load no BPF object files; systemd and the container network plugins load theirs by themselves.
 * Left out as well: what only reads counters that `ip -s` and /proc/net show, arpd, and the tables for netem's distributions.
 */
export default recipe({
  name: "iproute2",
  summary: "ip, ss, tc and bridge: looks at and sets up links, addresses, routes, sockets and queues",
  build: shell(`./configure --prefix=/usr --libdir=/usr/lib --libbpf_force=off
make -j$JOBS ${variables} SUBDIRS="lib ip tc bridge"
make -j$JOBS ${variables} SUBDIRS=misc TARGETS=ss
install -D -t /out/usr/bin ip/ip tc/tc bridge/bridge misc/ss
install -D -m 644 -t /out/usr/share/iproute2 $(find etc/iproute2 -maxdepth 1 -type f | sort)`),
  test: ({ version }) => `cd /sysroot/usr/bin
for program in ip tc bridge ss; do
  ./$program -V | grep "^$program utility, .*${version}" > /dev/null
done
./ip -j link show lo | python3 -c 'import json, sys; link, = json.load(sys.stdin); assert link["ifname"] == "lo", link'
# Kinds of links and queues are found by their names in the programs themselves.
./ip link help vxlan | grep -F "Usage: ... vxlan id VNI" > /dev/null
./tc -j qdisc show > /build/queues
./bridge -j link show > /build/ports
python3 - <<'END'
import socket, subprocess
listening = socket.create_server(("", 8080))
sockets = subprocess.run(["./ss", "-Hltn"], capture_output=True, text=True, check=True).stdout
assert ":8080 " in sockets, sockets
END
test -s /sysroot/usr/share/iproute2/rt_tables
`,
});
