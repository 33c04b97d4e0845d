package provider

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// credentialKind is one way in which a cloud gets its keys.
type credentialKind struct {
	name string
	// block are the arguments of the cloud's block, env the variables.
	block map[string]any
	env   map[string]string
	// source is how the log names it, and place a text that the row of the
	// documentation has.
	source, place string
	// account is whose instances it reaches; empty for the first one.
	account string
	// secrets are the values that nothing may show, beside issued keys.
	secrets []string
}

// externalID is that of the role that is assumed with a key.
const externalID = "external-id-of-a-partner"

// hcpTag is the tag of HCP Terraform's variable for a cloud: each has an audience of
// its own.
func hcpTag(row simulator.Service) string { return strings.ToUpper(row.Cloud) }

// kindsOf are all kinds of a service. Files are written into the folder.
func kindsOf(t *testing.T, server *simulator.Server, row simulator.Service, folder string) []credentialKind {
	t.Helper()
	account := clouds[row.Cloud].account
	n := account.Names()
	in := func(argument string) string { return "`" + argument + "` in the provider's `" + row.Cloud + "` block" }
	lasting := row.Keys.Lasting
	pair := map[string]any{n.ID.Name: lasting.AccessKeyID, n.Secret.Name: lasting.Secret}
	kinds := []credentialKind{{name: "keys", block: pair, source: in(n.ID.Name), secrets: []string{lasting.Secret}}}
	token := credentialKind{
		name: "a token", block: map[string]any{n.Token.Name: row.Keys.Temporary.Token}, source: in(n.Token.Name),
		secrets: []string{row.Keys.Temporary.Token},
	}
	if key := row.Keys.Temporary; key.AccessKeyID != "" {
		token.block[n.ID.Name], token.block[n.Secret.Name] = key.AccessKeyID, key.Secret
		token.source, token.secrets = in(n.ID.Name), append(token.secrets, key.Secret)
	}
	kinds = append(kinds, token)
	for _, family := range account.Families() {
		if len(family.ID) == 0 {
			kinds = append(kinds, credentialKind{
				name: family.Token[0], env: map[string]string{family.Token[0]: row.Keys.Temporary.Token},
				source: "the environment variable " + family.Token[0], secrets: []string{row.Keys.Temporary.Token},
			})
			continue
		}
		kinds = append(kinds, credentialKind{
			name: family.ID[0], env: map[string]string{family.ID[0]: lasting.AccessKeyID, family.Secret[0]: lasting.Secret},
			source: "the environment variables " + family.ID[0] + " and " + family.Secret[0], secrets: []string{lasting.Secret},
		})
	}
	other := row.Keys.Second
	if other.AccessKeyID == "" {
		other = lasting // The cloud has one account.
	}
	path, shown := writeProfile(t, row, folder, "ops", other)
	kinds = append(kinds, credentialKind{
		name: "a profile", block: map[string]any{n.Profile.Name: "ops", n.File.Name: path},
		source: `profile "ops" of ` + shown, account: other.Account, secrets: []string{other.Secret},
	})
	kinds = append(kinds, fileKinds(t, row, folder, other)...)
	if row.Federation.Tokens() {
		kinds = append(kinds, federatedKinds(t, server, row, folder, pair)...)
	}
	for i := range kinds {
		if _, named := kinds[i].env[kinds[i].name]; named && kinds[i].place == "" {
			kinds[i].place = kinds[i].name
		}
		if kinds[i].place == "" {
			kinds[i].place = "in the `" + row.Cloud + "` block"
		}
	}
	return kinds
}

// federatedKinds are the kinds that ask a token service or a metadata service.
func federatedKinds(
	t *testing.T, server *simulator.Server, row simulator.Service, folder string, pair map[string]any,
) []credentialKind {
	t.Helper()
	account, f := clouds[row.Cloud].account, row.Federation
	n := account.Names()
	in := func(argument string) string { return "`" + argument + "` in the provider's `" + row.Cloud + "` block" }
	role := func(more map[string]any) map[string]any { return webIdentity(row, f.ApplyRole, more) }
	token, err := f.Request("apply").Token(server.Issuer())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, row.Cloud+".jwt")
	writeFile(t, path, token+"\n")
	signature := token[strings.LastIndex(token, ".")+1:]
	secrets := []string{token, signature}
	if err := server.Cloud(row.Cloud).SetMachine(simulator.Machine{Role: "machine"}); err != nil {
		t.Fatal(err)
	}
	assumeRole := map[string]any{
		n.AssumeRole.RoleARN.Name: f.Operator, n.AssumeRole.SessionName.Name: "night-shift",
		n.AssumeRole.Policy.Name: `{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	}
	if n.AssumeRole.ExternalID.Name != "" {
		assumeRole[n.AssumeRole.ExternalID.Name] = externalID
	}
	assumed := maps.Clone(pair)
	assumed[n.AssumeRole.Block] = assumeRole
	names, values := identityVariables(row, path)
	variables := map[string]string{}
	for i, name := range names {
		variables[name] = values[i]
	}
	var more []credentialKind
	if row.Cloud == "tencentcloud" {
		const arn, value = "TENCENTCLOUD_ASSUME_ROLE_ARN", "TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN"
		const id = "TENCENTCLOUD_ASSUME_ROLE_PROVIDER_ID"
		more = append(more, credentialKind{
			name:    "a web identity by variables of its own",
			env:     map[string]string{arn: f.ApplyRole, value: token, id: values[0]},
			place:   value,
			source:  "the environment variables " + id + ", " + arn + " and " + value,
			secrets: secrets,
		})
	}
	return append(more, []credentialKind{
		{
			name: "a web identity by variables", env: variables, secrets: secrets, place: names[0],
			source: "the environment variables " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1],
		},
		{
			name:    "a web identity by value",
			block:   role(map[string]any{f.TokenArgument: token}),
			source:  in(f.Block),
			secrets: secrets,
		},
		{
			name:    "a web identity by file",
			block:   role(map[string]any{n.WebIdentity.TokenFile.Name: path}),
			source:  in(f.Block),
			secrets: secrets,
		},
		{
			name:    "a web identity by HCP Terraform",
			block:   role(nil),
			env:     map[string]string{"TFC_WORKLOAD_IDENTITY_TOKEN": token},
			source:  in(f.Block),
			secrets: secrets,
		},
		{
			name: "a web identity by HCP Terraform's tag", block: role(map[string]any{n.WebIdentity.TFCTag.Name: hcpTag(row)}),
			env: map[string]string{
				"TFC_WORKLOAD_IDENTITY_TOKEN_" + hcpTag(row): token, "TFC_WORKLOAD_IDENTITY_TOKEN": "of.another.cloud",
			},
			source: in(f.Block), secrets: secrets,
		},
		{
			name: "the role of the machine", block: map[string]any{n.MachineRole.Name: "machine"},
			source: `the role "machine" of the metadata service (` + in(n.MachineRole.Name) + ")",
		},
		{
			name:   "the role of the machine by a variable",
			env:    map[string]string{n.MachineRole.Env[0]: "machine"},
			place:  n.MachineRole.Env[0],
			source: `the role "machine" of the metadata service (the environment variable ` + n.MachineRole.Env[0] + ")",
		},
		{
			name:    "a role",
			block:   assumed,
			source:  fmt.Sprintf("the role %q (%s) with %s", f.Operator, in(n.AssumeRole.Block), in(n.ID.Name)),
			secrets: []string{row.Keys.Lasting.Secret, externalID},
		},
	}...)
}

// identityVariables are the variables that configure a web identity by themselves, in
// the order of messages, and their values.
func identityVariables(row simulator.Service, path string) (names, values []string) {
	provider := ""
	for _, line := range row.Federation.Arguments {
		_, provider, _ = strings.Cut(line, " = ")
	}
	provider, role := strings.Trim(provider, `"`), row.Federation.ApplyRole
	switch row.Cloud {
	case "alicloud":
		names = []string{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALIBABA_CLOUD_ROLE_ARN", "ALIBABA_CLOUD_OIDC_TOKEN_FILE"}
		return names, []string{provider, role, path}
	case "tencentcloud":
		return []string{"TKE_PROVIDER_ID", "TKE_ROLE_ARN", "TKE_WEB_IDENTITY_TOKEN_FILE"}, []string{provider, role, path}
	default:
		return []string{"VOLCENGINE_OIDC_ROLE_TRN", "VOLCENGINE_OIDC_TOKEN_FILE"}, []string{role, path}
	}
}

// issued are the secrets of the keys that the services of a cloud handed out.
func issued(cloud *simulator.Cloud) []string {
	var all []string
	for _, key := range cloud.Issued() {
		all = append(all, key.Secret, key.Token)
	}
	return all
}

// TestEachKindOfCredentials plans and applies a stop with each kind on each cloud. The
// log names the source once, and nothing that the provider returns or logs holds a
// secret.
func TestEachKindOfCredentials(t *testing.T) {
	eachSimulation(t, func(t *testing.T, first *simulation, row simulator.Service) {
		names := kindsOf(t, first.server, row, t.TempDir())
		for i := range names {
			t.Run(names[i].name, func(t *testing.T) {
				clearEnvironment(t)
				s := newSimulation(t)
				k := kindsOf(t, s.server, row, t.TempDir())[i]
				for name, value := range k.env {
					t.Setenv(name, value)
				}
				inFakeTime(t, func(t *testing.T) { s.t = t; s.wantStopped(row, k) })
			})
		}
	})
}

// wantStopped stops an instance with one kind of credentials.
func (s *simulation) wantStopped(row simulator.Service, k credentialKind) {
	s.t.Helper()
	owned := row
	owned.Template.Account = k.account
	id := s.seed(owned, row.Region, 1, 1)[0]
	r := s.provider(map[string]any{row.Cloud: s.here(row, k.block)})
	config := stopped(row, row.Region, id)
	plan := r.plan(config, held{})
	if hasError(plan.Diagnostics) {
		s.t.Fatalf("plan: %s", texts(plan.Diagnostics))
	}
	after, diags := r.apply(s.t.Context(), config, held{}, plan)
	if hasError(diags) {
		s.t.Fatalf("apply: %s", texts(diags))
	}
	r.wantValues(after.state, map[string]any{"state": "stopped"})
	s.wantLogged(fmt.Sprintf("source of credentials chosen: cloud=%s source=%q", row.Cloud, k.source))
	seen := strings.Join([]string{
		s.log.String(), texts(plan.Diagnostics), texts(diags), string(plan.PlannedState.MsgPack), string(plan.PlannedPrivate),
		string(after.state.MsgPack), string(after.private),
	}, "\n")
	wantNoSecret(s.t, "log, plan and state", seen, slices.Concat(k.secrets, issued(s.server.Cloud(row.Cloud)))...)
}

// wantLogged checks that the log has a message once.
func (s *simulation) wantLogged(want string) {
	s.t.Helper()
	log := s.log.String()
	if got := strings.Count(log, "[DEBUG] "+want); got != 1 {
		s.t.Errorf("the log has %q at the level DEBUG %d times, want once:\n%s", want, got, log)
	}
}
