package driverkit_test

import (
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

func BenchmarkClean(b *testing.B) {
	redactor := driverkit.NewRedactor("AKIDz8krbsJ5yKBZQpn74WFk", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
		strings.Repeat("token", 100))
	for name, text := range map[string]string{
		"a message": "The specified instance i-bp67acfmxazb4p12abcd does not exist. (request id " +
			"7C9D0E1F-AAAA-4F4F-8B8B-0123456789AB)",
		"a page of base64": strings.Repeat("QUtJRHo4a3Jic0o1eUtCWlFwbjc0V0Zr", 600),
		"a page of words":  strings.Repeat("the answer cannot be read, ", 600),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				redactor.Clean(text)
			}
		})
	}
}
