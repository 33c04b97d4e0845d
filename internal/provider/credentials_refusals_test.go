package provider

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// failingKind is a configuration whose keys cannot be had.
type failingKind struct {
	name  string
	block map[string]any
	env   map[string]string
	// prepare changes the cloud before the plan.
	prepare func(cloud *simulator.Cloud) error
}

// failingKinds are the ways in which each row of a chain fails.
func failingKinds(t *testing.T, s *simulation, row simulator.Service, folder string) []failingKind {
	t.Helper()
	n := clouds[row.Cloud].account.Names()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		writeFile(t, path, text)
		return path
	}
	family := clouds[row.Cloud].account.Families()[0]
	half := map[string]any{n.ID.Name: row.Keys.Lasting.AccessKeyID}
	path, _ := writeProfile(t, row, folder, "ops", row.Keys.Lasting)
	kinds := []failingKind{
		{name: "half a set in the block", block: half},
		{name: "half a set in the environment", env: map[string]string{family.ID[0]: row.Keys.Lasting.AccessKeyID}},
		{name: "a profile that is not in the file", block: map[string]any{n.Profile.Name: "night", n.File.Name: path}},
		{
			name:  "a file that does not exist",
			block: map[string]any{n.Profile.Name: "ops", n.File.Name: filepath.Join(folder, "none")},
		},
	}
	if n.File.Name != "shared_credentials_dir" {
		cut := file("cut.json", `{"profiles": [{"name": "ops", "access_key_secret": "a-secret-that-is-cu`)
		kinds = append(kinds, failingKind{
			name: "a file that is cut off", block: map[string]any{n.Profile.Name: "ops", n.File.Name: cut},
		})
	} else {
		file("cut.credential", `{"secretId": "x", "secretKey": "a-secret-that-is-cu`)
		kinds = append(kinds, failingKind{
			name: "a file that is cut off", block: map[string]any{n.Profile.Name: "cut", n.File.Name: folder},
		})
	}
	if !row.Federation.Tokens() {
		return kinds
	}
	kinds = append(kinds, failingTokens(t, s, row, file)...)
	return append(kinds, failingRoles(row)...)
}

// failingTokens are web identities that are refused.
func failingTokens(
	t *testing.T, s *simulation, row simulator.Service, file func(name, text string) string,
) []failingKind {
	t.Helper()
	n, f := clouds[row.Cloud].account.Names(), row.Federation
	good := f.Request("apply")
	token := func(change func(*simulator.TokenRequest)) string {
		request := good
		change(&request)
		text, err := request.Token(s.server.Issuer())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	value := func(text string) map[string]any {
		return webIdentity(row, f.ApplyRole, map[string]any{f.TokenArgument: text})
	}
	inFile := func(path string) map[string]any {
		return webIdentity(row, f.ApplyRole, map[string]any{n.WebIdentity.TokenFile.Name: path})
	}
	whole := token(func(*simulator.TokenRequest) {})
	forged, err := good.Token(oidc.NewIssuer(s.server.Issuer().URL()))
	if err != nil {
		t.Fatal(err)
	}
	return []failingKind{
		{name: "no token", block: webIdentity(row, f.ApplyRole, nil)},
		{
			name:  "no token of the tag",
			block: webIdentity(row, f.ApplyRole, map[string]any{n.WebIdentity.TFCTag.Name: "NIGHT"}),
		},
		{name: "no token file", block: inFile(filepath.Join(filepath.Dir(file("empty", "\n")), "none"))},
		{name: "an empty token file", block: inFile(file("empty", "\n"))},
		{name: "a token file that is cut off", block: inFile(file("cut", whole[:40]))},
		{name: "a token that is none", block: value("a-secret-word")},
		{name: "a token without a signature", block: value(token(func(r *simulator.TokenRequest) { r.Algorithm = "none" }))},
		{name: "a token with another signature", block: value(forged)},
		{
			name:  "an expired token",
			block: value(token(func(r *simulator.TokenRequest) { r.ExpiresIn = simulator.Offset(-time.Hour) })),
		},
		{
			name:  "a token that is not valid yet",
			block: value(token(func(r *simulator.TokenRequest) { r.NotBeforeIn = simulator.Offset(time.Hour) })),
		},
		{
			name:  "a token of another issuer",
			block: value(token(func(r *simulator.TokenRequest) { r.Issuer = "https://tfe.example.com" })),
		},
		{
			name:  "a token for another audience",
			block: value(token(func(r *simulator.TokenRequest) { r.Audience = oidc.Audience{"other"} })),
		},
		{
			name:  "a token of another subject",
			block: value(token(func(r *simulator.TokenRequest) { r.Subject = "repo:example/power" })),
		},
		{
			name:  "a role that does not exist",
			block: webIdentity(row, f.ApplyRole+"-none", map[string]any{f.TokenArgument: whole}),
		},
		{
			name: "a clock that is two hours behind", block: value(whole),
			prepare: func(cloud *simulator.Cloud) error { cloud.SetClockOffset(2 * time.Hour); return nil },
		},
	}
}

// failingRoles are roles of machines, and roles that are assumed with keys.
func failingRoles(row simulator.Service) []failingKind {
	n, f := clouds[row.Cloud].account.Names(), row.Federation
	assume := func(key simulator.Credential, role string) map[string]any {
		block := map[string]any{
			n.ID.Name: key.AccessKeyID, n.Secret.Name: key.Secret,
			n.AssumeRole.Block: map[string]any{n.AssumeRole.RoleARN.Name: role},
		}
		if key.Token != "" {
			block[n.Token.Name] = key.Token
		}
		return block
	}
	kinds := []failingKind{
		{name: "a machine without a role", block: map[string]any{n.MachineRole.Name: "machine"}},
		{
			name: "a machine with another role", block: map[string]any{n.MachineRole.Name: "night"},
			prepare: func(cloud *simulator.Cloud) error { return cloud.SetMachine(simulator.Machine{Role: "machine"}) },
		},
		{name: "a role that keys may not assume", block: assume(row.Keys.Second, f.Operator)},
		{name: "a role that does not exist, with keys", block: assume(row.Keys.Lasting, f.Operator+"-none")},
		{name: "a role with keys that have ended", block: assume(row.Keys.Expired, f.Operator)},
		{name: "a role with a secret that is wrong", block: assume(simulator.Credential{
			AccessKeyID: row.Keys.Lasting.AccessKeyID, Secret: wrongSecret,
		}, f.Operator)},
	}
	if row.Cloud != "tencentcloud" { // There the account itself may assume a role.
		kinds = append(kinds, failingKind{
			name: "a role with the keys of the account itself", block: assume(row.Keys.Main, f.Operator),
		})
	}
	return kinds
}

// changing are the parts of a message that differ from run to run.
var changing = regexp.MustCompile(`(Request id: +)\S+`)

// TestRefusalsOfCredentials compares the whole texts of all errors about credentials,
// from the simulated services, with testdata/credentials.txt. Rewrite it with
// go test ./internal/provider -run RefusalsOfCredentials -update.
func TestRefusalsOfCredentials(t *testing.T) {
	var out strings.Builder
	eachSimulation(t, func(t *testing.T, _ *simulation, row simulator.Service) {
		if row.Product == "zec" {
			return // Its keys are those of the other product.
		}
		inFakeTime(t, func(t *testing.T) {
			folder := t.TempDir()
			for _, k := range failingKinds(t, newSimulation(t), row, folder) {
				clearEnvironment(t)
				got := newSimulation(t).refusal(t, row, k)
				got = strings.ReplaceAll(changing.ReplaceAllString(got, "${1}..."), folder, "/folder")
				fmt.Fprintf(&out, "== %s: %s\n%s\n\n", row.Cloud, k.name, strings.TrimSpace(got))
			}
		})
	})
	wantGolden(t, "credentials.txt", out.String())
}

// wantGolden compares a text with that of a file in testdata.
func wantGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		writeFile(t, path, got)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// refusal plans with one kind and returns the error.
func (s *simulation) refusal(t *testing.T, row simulator.Service, k failingKind) string {
	t.Helper()
	s.t = t
	for name, value := range k.env {
		t.Setenv(name, value)
	}
	if k.prepare != nil {
		if err := k.prepare(s.server.Cloud(row.Cloud)); err != nil {
			t.Fatal(err)
		}
	}
	config := map[string]any{row.Cloud: s.here(row, maps.Clone(k.block))}
	r := s.unconfigured()
	got := texts(r.configure(config))
	if got == "" {
		id := s.seed(row, row.Region, 1, 1)[0]
		got = texts(r.plan(stopped(row, row.Region, id), held{}).Diagnostics)
	}
	if !strings.HasPrefix(got, "error at ") {
		t.Errorf("%s: got %q, want an error at the block", k.name, got)
	}
	return got
}
