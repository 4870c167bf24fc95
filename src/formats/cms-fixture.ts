/**
 * A signature that OpenSSL 3.5 made, over the text "some module\n", and the certificate of its key, which is kept nowhere:
 * `openssl cms -sign -binary -noattr -nocerts -md sha512 -outform DER`, which is what the kernel's scripts/sign-file does.
 */
export const opensslFixture: { data: Buffer; certificate: Buffer; signature: Buffer } = {
  data: Buffer.from("some module\n"),
  certificate: Buffer.from(
    "MIIDBDCCAeygAwIBAgIGAIoBAgMEMA0GCSqGSIb3DQEBDQUAMCMxITAfBgNVBAMMGEZpeHR1cmUsIGl0cyBrZXkgaXMgZ29uZTAgFw0yNjExMjcy" +
      "MjQxMTdaGA8yMTI2MTEwMzIyNDExN1owIzEhMB8GA1UEAwwYRml4dHVyZSwgaXRzIGtleSBpcyBnb25lMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" +
      "MIIBCgKCAQEAodmtkTdnsFvOlIcRfdnze3GyCmMQdX+Bi99MhCqeWBAnlrR9ms+8EQhcqkw78HlMxkXorSxuUIHlXhMajMcA0CtOucceLQTcbE63" +
      "HleuOPcNy+XTWEwsWfdHulJtPDNWnppYPZW/SqFLbKJHN4XQA8eHHEhBIB2FtpupFFRk49BpdOr/yiuCZpJiNvAwzX7uUmCp1Ryz4g8MNjwz3uac" +
      "9F0m9mesI5PmWfeH8TJ3TYS+kW8BgFOfUaBT1uy3byz90kobaWL+3s9tw5pjSzTRsxfrx3adpBXfrX3hnAvWzqpJu8wRYGtUBaTEtX43ZT4j0WaN" +
      "52JErwxmwnTFxmjmYQIDAQABozwwOjAMBgNVHRMBAf8EAjAAMAsGA1UdDwQEAwIHgDAdBgNVHQ4EFgQUc/LOTgjT+Eh7HoLMLXs/oGRQBBYwDQYJ" +
      "KoZIhvcNAQENBQADggEBAJw7tl3RuBv/cMLJyw8720NLpgJkr2Snxe9fTZhaOeryRs4JLrSxklVaGF9eas2ZU70CNnfpTcVVNU4F+vlBhl83JhQ9" +
      "MfP4dwXe3n0iqcSiQtcG6douGDDftWgtsOq1EZPf2l0Yq/PXBtT2gbBWvMNE7uuKnGrxAjxmF7N5lqwIKAjRVTbOksmsVhs7JAZR4+7WkzYRSxR1" +
      "wSKKW/MDsF9FDdUeVrT6TUJ41vtSsHRbc6eqjGBgq0IsAZXaNGB+5wKMSebuftJmPWBTgxI9SCD+Qodj3T+d5IkXNw+AFT/XASMNhVfkiF6Lhz/v" +
      "R60CyYYK532zSz6Q67wNxe+ky/o=",
    "base64",
  ),
  signature: Buffer.from(
    "MIIBjAYJKoZIhvcNAQcCoIIBfTCCAXkCAQExDTALBglghkgBZQMEAgMwCwYJKoZIhvcNAQcBMYIBVjCCAVICAQEwLTAjMSEwHwYDVQQDDBhGaXh0" +
      "dXJlLCBpdHMga2V5IGlzIGdvbmUCBgCKAQIDBDALBglghkgBZQMEAgMwDQYJKoZIhvcNAQEBBQAEggEAInzW2hGjLucnsUw+4M77LRjPHJdzDX+k" +
      "C+GUcQYlZO4lqpHehFhO68iOrYasdCYdqodD1J0O8NuzTieMxeGjPcNu+2SZwB3mfZEYojlNRCDmcHidw3BEYsXy50WiQOPR27kireEig9z9oIaI" +
      "+NajQnMzJW9OZyhrettblysvSAXvgFul4zzNfuZ49BApw0YxcnKdEO5vX/WPDCupXzy8vaB3OsrSuOF+BooQcUuL8CtNpPx/WNfFea71RWJ0kDtL" +
      "Gy7KX7amICwk4KnffxejGr65qarFwyjq4wrQn4PY4B8icZn24SrPRqv9Hgp38t65GF9ZFosvwhRa+lEhI0N5HA==",
    "base64",
  ),
};
