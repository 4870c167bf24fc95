import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { freshDisk, freshFolder } from "./support/artifacts.ts";
import { ask, boot, isUp, systemState } from "./support/boot.ts";
import { serveNames, serveTime } from "./support/udp-servers.ts";

/** How far ahead of this machine's clock the time server is, in seconds: no guest gets there by itself. */
const ahead = 100_000;

let seen: Record<"state" | "address" | "route" | "servers" | "name" | "synchronised", string> & {
  clockAhead: number;
};

/** QEMU's user network hands out 10.0.2.15 and is itself 10.0.2.2, which leads to this machine's loopback. */
beforeAll(async () => {
  await using names = await serveNames({ "node.example": "192.0.2.7" });
  await using time = await serveTime(() => Date.now() / 1000 + ahead);
  const disk = await freshDisk(join(await freshFolder("network"), "disk.raw"));
  await using vm = await boot("network", { disks: [{ path: disk, format: "raw" }], network: {} });
  await isUp(vm);
  const { state } = await systemState(vm);
  const look = {
    state,
    address: await ask(vm, "ip -4 -o address show scope global"),
    route: await ask(vm, "ip -4 route show default"),
    servers: await ask(vm, "resolvectl dns --no-pager"),
  };
  const name = await ask(
    vm,
    `mkdir -p /run/systemd/resolved.conf.d
printf '[Resolve]\\nDNS=10.0.2.2:${names.port}\\nDomains=~.\\n' > /run/systemd/resolved.conf.d/test.conf
systemctl restart systemd-resolved
resolvectl query --type=A --legend=no node.example`,
  );
  // The client speaks to port 123 alone, which no test may claim on this machine.
  await ask(
    vm,
    `iptables -t nat -A OUTPUT -p udp --dport 123 -j DNAT --to-destination 10.0.2.2:${time.port}
mkdir -p /run/systemd/timesyncd.conf.d
printf '[Time]\\nNTP=192.0.2.123\\nConnectionRetrySec=1\\n' > /run/systemd/timesyncd.conf.d/test.conf
systemctl restart systemd-timesyncd`,
  );
  const synchronised = await ask(
    vm,
    `for i in $(seq 60); do [ ! -e /run/systemd/timesync/synchronized ] || { echo yes; exit; }; sleep 1; done; timedatectl timesync-status`,
    90,
  );
  const clockAhead = Number(await ask(vm, "date +%s")) - Date.now() / 1000;
  seen = { ...look, name, synchronised, clockAhead };
}, 600_000);

describe("the network", () => {
  it("is configured by DHCP", () => {
    expect(seen.state).toBe("running");
    expect(seen.address).toMatch(/inet 10\.0\.2\.15\/24 .*dynamic/);
    expect(seen.route).toMatch(/^default via 10\.0\.2\.2 .*proto dhcp/);
  });

  it("has the name server that DHCP names, and resolves names", () => {
    expect(seen.servers).toContain("10.0.2.3");
    expect(seen.name).toContain("192.0.2.7");
  });

  it("sets the clock by NTP", () => {
    expect(seen.synchronised).toBe("yes");
    expect(Math.abs(seen.clockAhead - ahead)).toBeLessThan(60);
  });
});
