import type { Vm } from "../../src/vm/mod.ts";
import type { Checks } from "./checks.ts";
import { sayIn } from "./say.ts";

const target = "iqn.2026-01.example:none";
const node = `iscsiadm -m node -T ${target} -p 127.0.0.1`;

/** What iscsid has to write to, and what it is kept from. Anybody else who is root may write to all of them. */
const writable = ["/run/iscsi/test", "/sys/class/scsi_host/host0/scan", "/var/lib/iscsi/test"];
const kept = ["/etc/test", "/proc/sys/kernel/hostname", "/run/test", "/sys/kernel/mm/lru_gen/enabled", "/var/lib/test"];

/** Names those that can be opened for writing, and writes nothing. */
const probe = `for place in ${[...writable, ...kept].join(" ")}; do (: >> $place) 2> /dev/null && echo $place; done; true`;

/**
 * The iSCSI daemon, started and confined. There is no target to log in to, so what is looked at is all that comes before an answer: a
 * session in the kernel, and its request on a connection.
 */
export async function startIscsi(vm: Vm, checks: Checks): Promise<void> {
  const say = sayIn(vm, checks);
  await say("iscsiadm lists the default interface", "iscsiadm -m iface", /^default tcp,/m);
  await say("its daemon starts", "systemctl start iscsid.service && systemctl is-active iscsid.service", "active");
  await say("the transport's module comes with it", "grep -c '^iscsi_tcp ' /proc/modules", "1");
  await say(
    "it complains of nothing that is refused to it",
    "journalctl -b -u iscsid.service -o cat --no-pager | grep -i -E 'could not|cannot|can not|failed|not permitted' || true",
    "",
  );
  await say("root may write to each place", probe, [...writable, ...kept].join("\n"));
  await say(
    "iscsid may write to those that it has to",
    `nsenter --target "$(systemctl show -p MainPID --value iscsid.service)" --mount sh -c '${probe}'`,
    writable.join("\n"),
  );
  await say(
    "it logs in: a session in the kernel, and its request at the other end, by this node's name",
    `systemd-run --quiet --unit=listener sh -c 'sleep 60 | nc -l -p 3260 > /run/request'
${node} -o new > /dev/null
${node} -o update -n node.session.initial_login_retry_max -v 1
${node} -o update -n 'node.conn[0].timeo.login_timeout' -v 10
systemd-run --quiet --unit=login sh -c '${node} --login > /run/answer 2>&1'
for second in $(seq 20); do [ ! -s /run/request ] || break; sleep 1; done
ls /sys/class/iscsi_session
tr '\\0' '\\n' < /run/request | grep -c -x -F -e "$(cat /var/lib/iscsi/initiatorname.iscsi)" -e 'TargetName=${target}'`,
    /^session\d+\n2$/,
  );
  await say(
    "and tells iscsiadm that nobody answered",
    "for second in $(seq 60); do ! grep -q reported /run/answer || break; sleep 1; done; systemctl stop listener; cat /run/answer",
    // Login failed, connection or request timed out: by the daemon, not for the lack of one.
    /initiator reported error \((5|8|11) - /,
  );
}
