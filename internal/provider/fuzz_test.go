package provider

import (
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// wantHarmless wants diagnostics that no terminal acts on, and that report no bug.
func wantHarmless(t testing.TB, texts ...string) {
	t.Helper()
	const most = 5000 // No reader takes more.
	for _, text := range texts {
		if len(text) > most {
			t.Errorf("the text has %d bytes, want at most %d: %.300q", len(text), most, text)
		}
		if strings.Contains(text, bugSummary) {
			t.Errorf("there is a bug: %s", text)
		}
		acts := func(r rune) bool { return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r == '\u202e' }
		if strings.ContainsFunc(text, acts) {
			t.Errorf("the text is not harmless: %q", text)
		}
	}
}

func harmless(t testing.TB, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, d := range diags {
		wantHarmless(t, d.Summary, d.Detail)
	}
}

// validated runs a validator over a text, and reports whether it is accepted.
func validated(t *testing.T, v validator.String, text string) bool {
	t.Helper()
	var resp validator.StringResponse
	req := validator.StringRequest{Path: path.Root("argument"), ConfigValue: types.StringValue(text)}
	v.ValidateString(t.Context(), req, &resp)
	for _, d := range resp.Diagnostics {
		wantHarmless(t, d.Summary(), d.Detail())
	}
	return !resp.Diagnostics.HasError()
}

// fuzzedImport returns a function that imports by an id, with all clouds.
func fuzzedImport() func(t *testing.T, typeName, id string) (held, []*tfprotov6.Diagnostic, *rpc) {
	var once sync.Once
	var server rpc
	return func(t *testing.T, typeName, id string) (held, []*tfprotov6.Diagnostic, *rpc) {
		t.Helper()
		once.Do(func() {
			server = *rpcOf(t, clouds)
			harmless(t, server.configure(map[string]any{}))
		})
		r := server
		r.t = t
		req := &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id}
		resp, err := r.server.ImportResourceState(t.Context(), req)
		r.must(err)
		if len(resp.ImportedResources) == 0 {
			return held{}, resp.Diagnostics, &r
		}
		return held{state: resp.ImportedResources[0].State}, resp.Diagnostics, &r
	}
}

var importSeeds = []string{
	"tencentcloud/ap-guangzhou/ins-r8hr2upy", "alicloud/cn-hangzhou/i-bp1fgo8es0i2mp5fa3bq",
	"zenlayercloud/vm/1205432187642", "zenlayercloud/zec/1", "volcengine//i-y1", "//", "a/b/c/d",
	"tencentcloud/ap-guangzhou/ins-1,ins-2,ins-1", "tencentcloud/x/,", "\x1b[31m/\r/\u202e", "",
}

// FuzzImport imports an instance by any id: it is either refused, or becomes the id
// of the resource, with the region in small letters.
func FuzzImport(f *testing.F) {
	for _, seed := range importSeeds {
		f.Add(seed)
	}
	importID := fuzzedImport()
	f.Fuzz(func(t *testing.T, id string) {
		if !utf8.ValidString(id) {
			return // The protocol carries none.
		}
		imported, diags, r := importID(t, powerStateType, id)
		harmless(t, diags)
		switch {
		case hasError(diags):
		case imported.state == nil:
			t.Errorf("%q is neither imported nor refused", id)
		default:
			parts := strings.SplitN(id, "/", 3)
			want := parts[0] + "/" + strings.ToLower(parts[1]) + "/" + parts[2]
			if got := r.values(imported.state)["id"]; got != want {
				t.Errorf("%q is imported as %q, want %q", id, got, want)
			}
		}
	})
}

// FuzzFleetImport imports a fleet by any id. The order of the instances means
// nothing, and one that is named twice counts once.
func FuzzFleetImport(f *testing.F) {
	for _, seed := range importSeeds {
		f.Add(seed)
	}
	importID := fuzzedImport()
	f.Fuzz(func(t *testing.T, id string) {
		if !utf8.ValidString(id) {
			return // The protocol carries none.
		}
		_, diags, _ := importID(t, fleetType, id)
		harmless(t, diags)
		if hasError(diags) {
			return
		}
		parts := strings.SplitN(id, "/", 3)
		ids := strings.Split(parts[2], ",")
		other := strings.Join(append(ids[1:], ids[0], ids[0]), ",")
		_, again, _ := importID(t, fleetType, parts[0]+"/"+parts[1]+"/"+other)
		if hasError(again) {
			t.Errorf("%q is imported, and in another order it is refused: %s", id, texts(again))
		}
	})
}

// FuzzDuration reads a duration. One that is accepted is within its limits.
func FuzzDuration(f *testing.F) {
	for _, seed := range []string{
		"90s", "10m", "1h30m", "0", "0s", "-1s", "1e3s", "9223372036854775807ns", "9999999h", "1.5h", "µs", "",
		"\x1b]0;x\a",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := time.ParseDuration(text)
		if got, want := validated(t, duration(), text), err == nil && d > 0; got != want {
			t.Errorf("a duration accepts %q: %v, and it is %s, %v", text, got, d, err)
		}
		within := err == nil && d >= 0 && d <= 10*time.Second
		if got := validated(t, durationUpTo(10*time.Second), text); got != within {
			t.Errorf("a duration of up to 10s accepts %q: %v, and it is %s, %v", text, got, d, err)
		}
	})
}

// FuzzMode reads a stopped mode in any cloud's spelling. The mode that it is read as
// is read as itself.
func FuzzMode(f *testing.F) {
	for _, seed := range []string{
		"keep_charging", "STOP_CHARGING", "KeepCharging", "stopcharging", "Not-applicable", "____", "",
		"keep\x00charging",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		mode, ok := parseMode(text)
		if accepted := validated(t, anyMode(), text); accepted && (!ok || mode == backend.UnknownMode) {
			t.Errorf("%q is accepted and is no mode", text)
		}
		if again, same := parseMode(string(mode)); ok && (!same || again != mode) {
			t.Errorf("%q is read as %q, which is read as %q", text, mode, again)
		}
		if !ok && mode != backend.UnknownMode {
			t.Errorf("%q is no mode, and read as %q", text, mode)
		}
	})
}

// FuzzRegion reads the name of a region, and opens each cloud with it. One that is
// accepted stands in an id unchanged.
func FuzzRegion(f *testing.F) {
	for _, seed := range []string{
		"ap-guangzhou", "cn-hangzhou", "AP-SHANGHAI-FSI", "cn-north-2-gov-1", "x/y", "a.b:1@c", "-", "",
		"cn-beijing\n", "{region}",
	} {
		f.Add(seed)
	}
	word := plainWord("a region")
	f.Fuzz(func(t *testing.T, region string) {
		accepted := validated(t, word, region)
		for _, name := range cloudNames(clouds) {
			c := clouds[name]
			v := withKeys(c, values{})
			for _, field := range c.fields {
				v[field.name] = field.fallback
			}
			if _, err := c.open(v, region, openOptions{}); err != nil {
				wantHarmless(t, err.Error())
			}
			if !accepted {
				continue
			}
			gotCloud, scope, id, err := parseID(clouds, formatID(name, region, c.example))
			if err != nil || gotCloud != name || scope != region || id != c.example {
				t.Errorf("%q stands in an id as %q, %q, %q, %v", region, gotCloud, scope, id, err)
			}
		}
	})
}
