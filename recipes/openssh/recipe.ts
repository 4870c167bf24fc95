import { autotools, recipe } from "../../src/recipe/mod.ts";
import openssl from "../openssl/recipe.ts";

/** No agent, no smart cards, no host-based login (its helper would be setuid); sftp's server is part of sshd-session. */
const dropped =
  "/out/run /out/usr/bin/ssh-add /out/usr/bin/ssh-agent /out/usr/bin/ssh-keyscan /out/usr/lib/ssh/sftp-server /out/usr/lib/ssh/ssh-*";

/**
 * `as-root` and its two configurations are here because they are nothing without ssh and sshd. What an administrator may
 * change is in /etc/ssh (`files/etc/ssh`), which includes the defaults that are installed here. Units are in `files` too.
 */
export default recipe({
  name: "openssh",
  summary: "SSH: server and client, sftp, scp, keys; and as-root, the way from an admin to root",
  needs: { libs: [openssl] },
  build: autotools({
    configure: [
      "--sysconfdir=/etc/ssh",
      "--libexecdir=/usr/lib/ssh",
      "--with-default-path=/usr/bin",
      "--with-superuser-path=/usr/bin",
      "--with-maildir=/var/mail",
      "--with-mantype=doc",
      "--with-pid-dir=/run",
      // Empty folders of /usr are not kept; tmpfiles.d makes this one.
      "--with-privsep-path=/run/sshd",
      "--with-privsep-user=sshd",
      // By name: configure would fall back to a weaker one.
      "--with-sandbox=seccomp_filter",
      "--without-pam",
      "--without-zlib",
      "--disable-lastlog",
      "--disable-libutil",
      "--disable-pkcs11",
      "--disable-pututline",
      "--disable-pututxline",
      "--disable-strip",
      "--disable-utmp",
      "--disable-utmpx",
      "--disable-wtmp",
      "--disable-wtmpx",
    ],
    install: ["install-nosysconf"],
    after: `rm -r ${dropped}
cd /recipe
install -m755 as-root /out/usr/bin/as-root
install -m644 as-root.conf as-root-sshd.conf ssh_config sshd_config /out/usr/lib/ssh/
cp -rT --no-preserve=all files /out`,
  }),
  // The server is started by the client, as whom the test runs: a whole login, sandbox included, without network or root.
  test: () => `ssh=/sysroot/usr/lib/ssh
for key in host user other; do /sysroot/usr/bin/ssh-keygen -q -t ed25519 -N '' -C '' -f $key; done
cat > sshd_config <<END
AuthorizedKeysFile /build/user.pub
HostKey /build/host
SshdAuthPath $ssh/sshd-auth
SshdSessionPath $ssh/sshd-session
StrictModes no
Include $ssh/sshd_config
END
for file in sshd_config $ssh/as-root-sshd.conf; do
  /sysroot/usr/bin/sshd -G -f $file > settings
  for line in 'passwordauthentication no' 'kbdinteractiveauthentication no' 'permitrootlogin prohibit-password'; do
    grep -x "$line" settings > /dev/null
  done
done
/sysroot/usr/bin/ssh -G -F $ssh/as-root.conf as-root | grep -x 'user root' > /dev/null
login() {
  local key=$1
  shift
  /sysroot/usr/bin/ssh -F $ssh/ssh_config -i $key -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no \\
    -o UserKnownHostsFile=/dev/null -o "ProxyCommand /sysroot/usr/bin/sshd -i -e -f /build/sshd_config" node "$@"
}
test "$(login user 'echo reached')" = reached
status=0
login user 'exit 7' || status=$?
test $status = 7
if login other true; then exit 1; fi
sh -n /sysroot/usr/bin/as-root
test -z "$(find /sysroot/usr -perm /6000)"
`,
});
