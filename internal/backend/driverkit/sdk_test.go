package driverkit

import (
	"strings"
	"testing"
)

func TestAnEnvironmentThatMakesAnSDKPrintIsRefused(t *testing.T) {
	t.Parallel()
	for value, word := range map[string]string{
		"": "", "on": "", "teapot": "", "dara": "dara", "app,tea": "tea", "credential": "credential",
	} {
		want := ""
		if word != "" {
			want = `the environment variable DEBUG holds "` + word + `", which makes the SDK print signed requests: unset it`
		}
		got := ""
		if err := QuietSDK(value); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("DEBUG=%q: got %q, want %q", value, got, want)
		}
	}
}

func TestAPlainAgentIsShortAndHasNoComment(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"":  "",
		" ": "",
		"terraform-provider-instance/0.1.0 (+https://x) y/1": "terraform-provider-instance-0.1.0;y-1",
		"terraform-provider-instance/0.1.0 team (a":          "terraform-provider-instance-0.1.0;team",
		"ünï/1":                           "-n--1",
		strings.Repeat("long", 50) + "/1": strings.Repeat("long", 32),
	} {
		if got := PlainAgent(agent); got != want {
			t.Errorf("%q: got %q, want %q", agent, got, want)
		}
	}
}
