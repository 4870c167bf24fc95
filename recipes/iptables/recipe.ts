import { autotools, recipe } from "../../src/recipe/mod.ts";

/**
 * The kernel's legacy interface only: the other one needs libmnl and libnftnl, which cannot be had. All matches and targets are
 * in the one program: a hundred files of a page or two each, most of them padding, would be five times its size.
 */
export default recipe({
  name: "iptables",
  summary: "iptables and ip6tables: packet filters and address translation",
  build: autotools({
    // musl has the kernel's names for header fields only with _GNU_SOURCE; struct ethhdr is to be musl's, in whatever order headers come.
    env: { CFLAGS: "$CFLAGS -D_GNU_SOURCE -D__UAPI_DEF_ETHHDR=0" },
    configure: [
      "--disable-shared",
      "--enable-static",
      "--disable-devel",
      "--disable-nftables",
      "--disable-libnfnetlink",
      "--disable-connlabel",
    ],
    after: `rm -rf /out/usr/include /out/usr/lib /out/usr/share
cd /out/usr/bin && rm iptables-apply ip6tables-apply iptables-xml`,
  }),
  test: ({ version }) => `cd /sysroot/usr/bin
for program in iptables ip6tables iptables-save iptables-restore ip6tables-save ip6tables-restore; do
  ./$program --version | grep -F "$program v${version} (legacy)" > /dev/null
done
# What kube-proxy and the container network plugins use. Whoever has no right to ask the kernel may at least ask for help.
unprivileged="setpriv --inh-caps=-all --ambient-caps=-all"
for option in addrtype:--dst-type comment:--comment conntrack:--ctstate icmp:--icmp-type mark:--mark multiport:--dports \\
  physdev:--physdev-is-bridged recent:--rcheck set:--match-set statistic:--probability; do
  $unprivileged ./iptables -m \${option%:*} -h 2> /build/errors | grep -F -e "\${option#*:}" > /dev/null || { echo "No match $option"; exit 1; }
done
for option in CT:--zone DNAT:--to-destination MARK:--set-xmark MASQUERADE:--random REDIRECT:--to-ports REJECT:--reject-with \\
  SNAT:--to-source TPROXY:--on-port; do
  $unprivileged ./iptables -j \${option%:*} -h 2> /build/errors | grep -F -e "\${option#*:}" > /dev/null || { echo "No target $option"; exit 1; }
done
# Rules are parsed without the right to change any.
printf '*filter\\n:INPUT DROP [0:0]\\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\\nCOMMIT\\n' | ./xtables-legacy-multi iptables-xml > /build/rules
grep '<dport .*22' /build/rules > /dev/null
`,
});
