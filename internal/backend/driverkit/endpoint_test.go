package driverkit_test

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

func FuzzEndpoint(f *testing.F) {
	for _, text := range []string{
		"", "https://host", "https://host:443/", "http://127.0.0.1:8080", "http://[::1]:80",
		"https://ecs.{region}.example.com", "https://{region}{region}",
		"https://user:password@host", "https://:443", "https://host:99999", "https://ho st", "https://h\u200b",
		"HTTPS://Host", "ftp://h", "https://[::1", "//h",
		"https://h/p", "https://h?q", "https://h#f", `https://h\p`, "https://1.2.3.4:1", "https://{region", "https://h:",
		"https://-h", "http://localhost.evil", "http://192.0.2.1", "http://127.0.0.1.evil",
	} {
		f.Add(text, "r-1")
	}
	f.Add("https://{region}.h", "")
	f.Add("http://{region}", "")
	f.Add("://s://host", "0")
	f.Fuzz(func(t *testing.T, text, region string) {
		if _, err := driverkit.ParseRegion(region); err != nil {
			region = ""
		}
		got, err := driverkit.ParseEndpoint(text, region)
		if err != nil {
			// What the error says of any endpoint is no repetition.
			said := strings.NewReplacer("https://host", "", "{region}", "").Replace(err.Error())
			if _, secret, ok := strings.Cut(text, "://"); ok && len(secret) >= minPart && strings.Contains(said, secret) {
				t.Errorf("the error repeats the text: %v", err)
			}
			return
		}
		u, err := url.Parse(got.String())
		if err != nil || u.Host != got.Host || u.Hostname() == "" || u.User != nil ||
			u.Path+u.RawQuery+u.Fragment != "" {
			t.Errorf("%q became %q, which reads as %+v (%v)", text, got, u, err)
		}
		address, _ := netip.ParseAddr(u.Hostname())
		loopback := strings.EqualFold(u.Hostname(), "localhost") || address.Unmap().IsLoopback()
		if got.Scheme != "https" && (got.Scheme != "http" || !loopback) {
			t.Errorf("%q became %q, to which keys would travel unprotected", text, got)
		}
		if strings.Contains(text, driverkit.RegionMark) && (region == "" || !strings.Contains(got.Host, region)) {
			t.Errorf("%q became %q, which lacks the region %q", text, got, region)
		}
		if again, err := driverkit.ParseEndpoint(got.String(), ""); err != nil || again != got {
			t.Errorf("%q became %q, which becomes %q (%v)", text, got, again, err)
		}
	})
}

func FuzzRegion(f *testing.F) {
	for _, text := range []string{
		"", "cn-hangzhou", "CN-Hangzhou", "a", "-a", "a-", "a.b", "a/b", "a\n", "ä", "a\u200b",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := driverkit.ParseRegion(text)
		if err != nil {
			if driverkit.Visible(err.Error()) != err.Error() {
				t.Errorf("the error acts on a terminal: %q", err)
			}
			return
		}
		if !strings.EqualFold(got, text) || got != strings.ToLower(got) || strings.ContainsAny(got, "./@:\r\n ") {
			t.Errorf("%q became %q", text, got)
		}
	})
}

func FuzzKey(f *testing.F) {
	for _, value := range []string{"", "LTAI5tExample0001", "a b", "a\n", "\u200ba", "\xff", "a\x00", "ключ"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		err := driverkit.Keys{{Name: "secret_key", Value: driverkit.Secret(value)}}.Check()
		if err == nil {
			for _, r := range value {
				if r <= ' ' || r > '~' {
					t.Errorf("%q passes", value)
				}
			}
			return
		}
		if len(value) >= minPart && strings.Contains(err.Error(), value) ||
			driverkit.Visible(err.Error()) != err.Error() {
			t.Errorf("the error repeats the key, or acts on a terminal: %q", err)
		}
	})
}

func FuzzLookup(f *testing.F) {
	for _, code := range []string{"", "Gone", "Busy", "Busy.Disk", "Busy.Disk.X", "Slow", "Slow.", "busy"} {
		f.Add(code, "Busy", "Busy.Disk")
	}
	f.Fuzz(func(t *testing.T, code, short, long string) {
		table := driverkit.Codes{
			Exact:    map[string]driverkit.Entry{"Gone": {Advice: "exact"}},
			Families: map[string]driverkit.Entry{short: {Advice: "short"}, long: {Advice: "long"}},
		}
		got, known := table.Lookup(code)
		want, best := "", -1
		for advice, prefix := range map[string]string{"short": short, "long": long} {
			if strings.HasPrefix(code, prefix) && len(prefix) > best {
				want, best = advice, len(prefix)
			}
		}
		switch {
		case code == "Gone":
			want, best = "exact", 0
		case short == long && best >= 0:
			want = "long"
		}
		if known != (best >= 0) || got.Advice != want {
			t.Errorf("%q with the families %q and %q: got %q, %v, want %q", code, short, long, got.Advice, known, want)
		}
	})
}
