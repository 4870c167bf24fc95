import { meson, recipe } from "../../src/recipe/mod.ts";
import expat from "../expat/recipe.ts";
import systemd from "../systemd/recipe.ts";

/** Needs libsystemd: only so does it listen on the socket that systemd passes. Services are started by systemd alone. */
export default recipe({
  name: "dbus",
  summary: "The system bus: dbus-daemon, its units, dbus-send and dbus-monitor",
  needs: { libs: [expat, systemd] },
  build: meson({
    options: {
      systemd: "enabled",
      epoll: "enabled",
      inotify: "enabled",
      traditional_activation: false,
      user_session: false,
      dbus_user: "messagebus",
      runtime_dir: "/run",
      system_socket: "/run/dbus/system_bus_socket",
      system_pid_file: "/run/dbus/pid",
      systemd_system_unitdir: "/usr/lib/systemd/system",
      systemd_user_unitdir: "/usr/lib/systemd/user",
    },
    after: `rm -rf /out/etc /out/run /out/var /out/usr/share/doc /out/usr/share/xml /out/usr/lib/cmake /out/usr/lib/dbus-1.0 /out/usr/lib/sysusers.d
cd /out/usr/bin && rm -f dbus-cleanup-sockets dbus-launch dbus-run-session dbus-update-activation-environment dbus-uuidgen
# A regular file there is where PID 1 finds the machine's identity.
sed -i '/machine-id a symlink/,$d' /out/usr/lib/tmpfiles.d/dbus.conf`,
  }),
  test: () => `cat > bus.conf <<'END'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=/build/bus</listen>
  <policy context="default"><allow user="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
END
/sysroot/usr/bin/dbus-daemon --config-file=bus.conf --fork --nopidfile --print-pid=1 > pid
/sysroot/usr/bin/dbus-send --bus=unix:path=/build/bus --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames | grep org.freedesktop.DBus > /dev/null
kill $(cat pid)
`,
});
