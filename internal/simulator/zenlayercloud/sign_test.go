package zenlayercloud

import (
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// The first three vectors were made with the vendor's SDK, its clock stopped;
// the last is the sample of the page
// https://docs.console.zenlayer.com/api-reference/api-introduction/instruction/sign,
// whose key the others borrow.
func TestSignaturesAreThoseOfTheVendor(t *testing.T) {
	t.Parallel()
	const (
		sample = "Gu5t9xGARNpq86cd98joQYCN3"
		host   = "console.zenlayer.com"
		plain  = "application/json"
	)
	for _, test := range []struct {
		name, contentType, time, body string
		payload, canonical            string // hashes, where they are known
		want                          string
	}{
		{
			"a stop that says how", plain, "1700000000", `{"instanceIds":["instanceId1","instanceId2"],"forceShutdown":false}`,
			"94a46cf9f6de5eff8740d964eaeb49921efe67b4fd5a73f059717925908dbcb1",
			"c3b43742a7d687d0a00cdcf437e7c8216da086cfafbe4782e75041917a45edec",
			"2a6ec10c33ee023c90468cdcb250c13ae7d093839bd18a5f76f9de6e96abc4fe",
		},
		{
			"one instance", plain, "1700000000", `{"instanceIds":["instanceId1"]}`, "", "",
			"17ab7d48426d47e28f8d28c18c7255230c15edbadac3c4fa7ce6014df72d160d",
		},
		{
			"an empty object", plain, "1700000000", `{}`, "", "",
			"f677842d27416dec1cfdd2f97f2d4a72983ad0e2e406b337a49e57964246c916",
		},
		{
			"the sample of the page", "application/json; charset=utf-8", "1673361177",
			`{"pageSize":10,"pageNum":1,"zoneId":"HKG-A"}`, "", "",
			"efb356c32e55c781e10dc676da59462c22596d82e91c57803666243379555b2f",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			canonical := canonicalRequest(test.contentType, host, []byte(test.body))
			if got := signing.Hash([]byte(test.body)); test.payload != "" && got != test.payload {
				t.Errorf("hash of the body is %s, want %s", got, test.payload)
			}
			if got := signing.Hash([]byte(canonical)); test.canonical != "" && got != test.canonical {
				t.Errorf("hash of the canonical request is %s, want %s", got, test.canonical)
			}
			if got := signature(sample, test.time, canonical); got != test.want {
				t.Errorf("signature is %s, want %s", got, test.want)
			}
		})
	}
}
