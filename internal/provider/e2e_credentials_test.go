package provider

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// matrix is one configuration with every kind of credentials on every cloud: each kind
// is an alias of the provider, and has an instance to stop on each cloud that has it.
type matrix struct {
	t      *testing.T
	server *simulator.Server
	folder string
	// blocks are the clouds' blocks of each alias, resources those of all.
	blocks    map[string][]string
	resources []string
	variables []string
	env       []string
	secrets   []string
	// sources are what the log names.
	sources []struct{ cloud, name string }
	stopped map[string][]string // by cloud
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	server := startClouds(t)
	localcloud.SetTransition(server, 200*time.Millisecond)
	m := &matrix{t: t, server: server, folder: t.TempDir(), blocks: map[string][]string{}, stopped: map[string][]string{}}
	seen := map[string]bool{}
	for _, row := range localcloud.Services() {
		if seen[row.Cloud] {
			continue // Another product has the same keys.
		}
		seen[row.Cloud] = true
		for _, k := range kindsOf(t, server, row, m.folder) {
			if alias := m.alias(row, k); alias != "" {
				m.add(alias, row, k)
			}
		}
	}
	return m
}

// alias names a kind; it is empty for one whose variables another one has.
func (m *matrix) alias(row simulator.Service, k credentialKind) string {
	if len(k.env) > 0 && k.block == nil {
		if family := clouds[row.Cloud].account.Families()[0]; k.name != family.ID[0] {
			return ""
		}
		return "environment"
	}
	if _, one := k.env["TFC_WORKLOAD_IDENTITY_TOKEN"]; one && len(k.env) == 1 {
		return "" // Its audience is that of one cloud.
	}
	return strings.NewReplacer(" ", "_", "'", "").Replace(k.name)
}

// add adds an instance that is stopped with one kind.
func (m *matrix) add(alias string, row simulator.Service, k credentialKind) {
	m.t.Helper()
	block := maps.Clone(k.block)
	if block == nil {
		block = map[string]any{}
	}
	block["endpoint"] = m.server.URL()
	if row.Federation.Tokens() {
		block["sts_endpoint"], block["metadata_endpoint"] = m.server.URL(), m.server.URL()
	}
	if row.Region != "" {
		block["region"] = row.Region
	}
	m.blocks[alias] = append(m.blocks[alias], hclBlock(row.Cloud, block))
	template := row.Template
	template.Account = k.account
	ids, err := m.server.Cloud(row.Cloud).SeedBulk(simulator.Bulk{
		Count: 1, First: len(m.resources) + 1, IDPattern: row.IDPattern, Template: template,
	})
	if err != nil {
		m.t.Fatal(err)
	}
	m.resources = append(m.resources, named(alias+"_"+row.Cloud, ids[0], "stopped",
		"cloud = \""+row.Cloud+"\"", "provider = instance."+alias))
	m.stopped[row.Cloud] = append(m.stopped[row.Cloud], ids[0])
	for _, name := range slices.Sorted(maps.Keys(k.env)) {
		if name != "TFC_WORKLOAD_IDENTITY_TOKEN" {
			m.env = append(m.env, name+"="+k.env[name])
		}
	}
	m.secrets = append(m.secrets, k.secrets...)
	m.sources = append(m.sources, struct{ cloud, name string }{row.Cloud, k.source})
}

// hclBlock writes a block with its arguments and nested blocks. A value that is an
// expression is one of type expression.
func hclBlock(name string, arguments map[string]any) string {
	var b strings.Builder
	b.WriteString(name + " {\n")
	for _, argument := range slices.Sorted(maps.Keys(arguments)) {
		switch value := arguments[argument].(type) {
		case map[string]any:
			b.WriteString(hclBlock(argument, value))
		case expression:
			fmt.Fprintf(&b, "%s = %s\n", argument, value)
		default:
			fmt.Fprintf(&b, "%s = %q\n", argument, value)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

type expression string

// config is the whole configuration.
func (m *matrix) config() string {
	var b strings.Builder
	for _, alias := range slices.Sorted(maps.Keys(m.blocks)) {
		fmt.Fprintf(&b, "provider \"instance\" {\nalias = %q\n%s}\n", alias, strings.Join(m.blocks[alias], ""))
	}
	return b.String() + strings.Join(m.variables, "") + strings.Join(m.resources, "")
}

// addDynamic adds the object that HCP Terraform fills for Tencent Cloud by itself, with
// either form of the file that it names.
func (m *matrix) addDynamic(row simulator.Service, token string) {
	m.t.Helper()
	raw, wrapped := filepath.Join(m.folder, "hcp-raw"), filepath.Join(m.folder, "hcp-json")
	writeFile(m.t, raw, token)
	text, err := json.Marshal(map[string]string{"web_identity_token": token})
	if err != nil {
		m.t.Fatal(err)
	}
	writeFile(m.t, wrapped, string(text))
	const variable = "tfc_tencentcloud_dynamic_credentials"
	value, err := json.Marshal(map[string]any{
		"default": map[string]string{"token_file": raw, "role_arn": row.Federation.ApplyRole},
		"aliases": map[string]any{"NIGHT": map[string]string{"token_file": wrapped, "role_arn": row.Federation.ApplyRole}},
	})
	if err != nil {
		m.t.Fatal(err)
	}
	m.env = append(m.env, "TF_VAR_"+variable+"="+string(value))
	m.variables = append(m.variables, "variable \""+variable+"\" {\ntype = object({\n"+
		"default = object({ token_file = string, role_arn = string })\n"+
		"aliases = map(object({ token_file = string, role_arn = string }))\n})\n}\n")
	for alias, object := range map[string]string{"hcp": ".default", "hcp_alias": ".aliases[\"NIGHT\"]"} {
		m.add(alias, row, credentialKind{
			block: webIdentity(row, "", map[string]any{
				"role_arn":                expression("var." + variable + object + ".role_arn"),
				"web_identity_token_file": expression("var." + variable + object + ".token_file"),
			}),
			source: "`assume_role_with_web_identity` in the provider's `tencentcloud` block", secrets: []string{token},
		})
	}
}

// addEphemeral adds a token that is the value of an ephemeral variable.
func (m *matrix) addEphemeral(row simulator.Service, token string) {
	m.t.Helper()
	name := "token_" + row.Cloud
	m.env = append(m.env, "TF_VAR_"+name+"="+token)
	m.variables = append(m.variables, "variable \""+name+"\" {\ntype = string\nephemeral = true\n}\n")
	m.add("ephemeral", row, credentialKind{
		block: webIdentity(row, row.Federation.ApplyRole,
			map[string]any{row.Federation.TokenArgument: expression("var." + name)}),
		source: "`" + row.Federation.Block + "` in the provider's `" + row.Cloud + "` block", secrets: []string{token},
	})
}

// withoutConfiguration returns a plan or a state as JSON, without the configuration and
// the variables, which have what the user wrote and set.
func withoutConfiguration(t *testing.T, text []byte) string {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	delete(all, "configuration")
	delete(all, "variables")
	rest, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(rest)
}

// readPlan returns what a plan file holds, but for the configuration, which has what
// the user wrote into it.
func readPlan(t *testing.T, path string) string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	var all strings.Builder
	for _, file := range archive.File {
		if strings.HasPrefix(file.Name, "tfconfig/") {
			continue
		}
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(&all, r) //nolint:gosec // G110: the CLI under test wrote it.
		if err = errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// TestEndToEndEachKindOfCredentialsLeavesNoTrace validates, plans and applies with every
// kind at once. No call is made while validating, and no log, diagnostic, plan or state
// has a secret in any form, or a signature.
func TestEndToEndEachKindOfCredentialsLeavesNoTrace(t *testing.T) {
	t.Parallel()
	cliPath(t)
	m := newMatrix(t)
	c := newCLI(t, "")
	for _, row := range localcloud.Services() {
		if !row.Federation.Tokens() {
			continue
		}
		token, err := row.Federation.Request("apply").Token(m.server.Issuer())
		if err != nil {
			t.Fatal(err)
		}
		if c.hasEphemeralValues() {
			m.addEphemeral(row, token)
		}
		if row.Cloud == "tencentcloud" {
			m.addDynamic(row, token)
		}
	}
	c.configure(m.config())
	c.env = append(append(c.env, "TF_LOG=TRACE"), m.env...)
	var seen strings.Builder
	for _, args := range [][]string{
		{"validate", "-no-color"},
		{"plan", "-no-color", "-out=plan.bin"},
		{"show", "-json", "plan.bin"},
		{"apply", "-no-color", "plan.bin"},
		{"show", "-json"},
	} {
		cmd, out := c.command(t.Context(), args...)
		var log strings.Builder
		cmd.Stderr = &log
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %v\n%s%s", args, err, out, tail(log.String()))
		}
		seen.WriteString(log.String())
		if args[0] == "show" {
			seen.WriteString(withoutConfiguration(t, out.Bytes()))
		} else {
			seen.WriteString(out.String())
		}
		if args[0] == "validate" {
			for _, wire := range m.server.Wires() {
				if got := wire.Cloud().CallCounts(); len(got) > 0 {
					t.Errorf("validate calls %s: %v", wire.Cloud().Name(), got)
				}
			}
		}
	}
	seen.WriteString(readPlan(t, filepath.Join(c.folder, "plan.bin")))
	state, err := os.ReadFile(filepath.Join(c.folder, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	seen.Write(state)
	m.check(seen.String())
}

// check checks that every instance was stopped, that the log names every source, and
// that nothing of what was seen has a secret.
func (m *matrix) check(seen string) {
	m.t.Helper()
	secrets := m.secrets
	for _, wire := range m.server.Wires() {
		cloud := wire.Cloud()
		for _, id := range m.stopped[cloud.Name()] {
			if in, _ := cloud.Instance(id); in.Status != cloud.Words().Stopped {
				m.t.Errorf("%s: %s is %q, want %q", cloud.Name(), id, in.Status, cloud.Words().Stopped)
			}
		}
		secrets = append(secrets, issued(cloud)...)
	}
	var chosen []string
	for line := range strings.Lines(seen) {
		if strings.Contains(line, "[DEBUG]") && strings.Contains(line, "source of credentials chosen:") {
			chosen = append(chosen, line)
		}
	}
	for _, source := range m.sources {
		if !slices.ContainsFunc(chosen, func(line string) bool {
			return strings.Contains(line, " cloud="+source.cloud) &&
				strings.Contains(line, fmt.Sprintf(" source=%q", source.name))
		}) {
			m.t.Errorf("the log does not name the source %s of %s", source.name, source.cloud)
		}
	}
	for _, mark := range []string{"Signature=", "HMAC-SHA256", "Authorization"} {
		if strings.Contains(seen, mark) {
			m.t.Errorf("the log has %q, as a signed request has it", mark)
		}
	}
	wantNoSecret(m.t, fmt.Sprintf("%d bytes of logs, plan and state", len(seen)), seen, secrets...)
}

// hasEphemeralValues reports whether the CLI knows variables that are ephemeral.
func (c *cli) hasEphemeralValues() bool {
	c.t.Helper()
	out, err := c.run("version")
	if err != nil {
		c.t.Fatalf("version: %v\n%s", err, out)
	}
	minor, _ := c.minor()
	return minor >= 11 || minor == 10 && strings.HasPrefix(out, "Terraform")
}

// tail is the end of a long output.
func tail(text string) string { return text[max(0, len(text)-4000):] }
