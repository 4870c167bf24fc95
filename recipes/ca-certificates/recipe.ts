import { recipe, shell } from "../../src/recipe/mod.ts";

/** In the root tree /etc/ssl/certs/ca-certificates.crt and /etc/ssl/cert.pem, where OpenSSL looks, lead here. */
const bundle = "usr/share/ca-certificates/ca-certificates.crt";

/** Debian's script makes one file of each root that Mozilla trusts for servers; it warns of expired ones by the clock, but keeps them. */
export default recipe({
  name: "ca-certificates",
  summary: "Certificate authorities that Mozilla trusts for TLS servers, as one file",
  build: shell(`cd mozilla
python3 certdata2pem.py
mkdir -p /out/$(dirname ${bundle})
# By name, so that the order is always the same.
cat *.crt > /out/${bundle}`),
  // The clock is left out: a root that expires must not make an old release impossible to build.
  test: () => `bundle=/sysroot/${bundle}
begin='^-----BEGIN CERTIFICATE-----$'
count=$(grep -c -e "$begin" $bundle)
test $count -gt 100
openssl crl2pkcs7 -nocrl -certfile $bundle | openssl pkcs7 -print_certs -noout > subjects
test $(grep -c ^subject subjects) = $count
grep '^subject.*ISRG Root X1$' subjects > /dev/null
awk '/^-----BEGIN/ { n++ } { print > ("root" n ".pem") }' $bundle
for root in root*.pem; do openssl verify -no_check_time -CAfile $bundle $root > /dev/null; done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out stranger.pem -subj /CN=stranger
if openssl verify -no_check_time -CAfile $bundle stranger.pem; then exit 1; fi
`,
});
