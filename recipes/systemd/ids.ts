/**
 * The numbers of systemd's own users and groups. They are the same in every image, so that files in /var keep their owner
 * over updates; `os/usr/lib/sysusers.d/00-hadron.conf` has the same numbers, and a test compares the two.
 */
export const groupIds: Record<string, number> = {
  adm: 4,
  tty: 5,
  disk: 6,
  lp: 7,
  kmem: 9,
  wheel: 10,
  cdrom: 11,
  dialout: 12,
  tape: 13,
  video: 14,
  audio: 15,
  input: 16,
  render: 17,
  kvm: 18,
  sgx: 19,
  clock: 20,
  utmp: 22,
  empower: 23,
  users: 100,
  "systemd-journal": 190,
};

/** Each has a group of the same name and number. */
export const userIds: Record<string, number> = {
  "systemd-network": 192,
  "systemd-resolve": 193,
  "systemd-timesync": 194,
  "systemd-coredump": 195,
  "systemd-oom": 196,
  "systemd-imds": 197,
  "systemd-journal-remote": 198,
};
