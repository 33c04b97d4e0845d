package credentials

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNothingHappensBeforeTheFirstUse(t *testing.T) {
	t.Parallel()
	for name, cloud := range clouds {
		t.Run(name, func(t *testing.T) {
			system := System{LookupEnv: func(name string) (string, bool) {
				t.Errorf("the variable %s was read", name)
				return "", false
			}, HomeDir: func() (string, error) {
				t.Error("the home directory was looked up")
				return "", nil
			}}
			config := Config{Profile: "ops", AllowedAccountIDs: []string{"1"}}
			New(cloud, config, system)
			cloud.Check(config)
		})
	}
}

func TestStaticKeysMakeNoCall(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		use := func(config Config, environment map[string]string) *computer {
			c := &computer{
				env: environment, home: "/home/u", now: time.Now,
				sts:      &service{cloud: cloud, now: time.Now, callers: env("id-1", "SECRETone1111")},
				metadata: &machineRole{cloud: cloud, now: time.Now, role: "web"},
			}
			chain := New(cloud, config, c.system())
			for range 10 {
				if _, err := chain.Keys(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			return c
		}
		family := cloud.families[0]
		for name, c := range map[string]*computer{
			"keys of the configuration": use(
				Config{ID: "id-1", Secret: "SECRETone1111"}, env("TFC_WORKLOAD_IDENTITY_TOKEN", jwt)),
			"keys of the environment": use(Config{}, env(
				family.ID[0], "id-1", family.Secret[0], "SECRETone1111", "TFC_WORKLOAD_IDENTITY_TOKEN", jwt)),
		} {
			if len(c.calls) != 0 {
				t.Errorf("%s: calls are %q, want none", name, c.calls)
			}
			if len(c.opened) != 0 {
				t.Errorf("%s: files are read: %q", name, c.opened)
			}
		}
		// The same transport records the call of a role, of a machine, and of allowed
		// accounts.
		keys := Config{ID: "id-1", Secret: "SECRETone1111"}
		keys.AssumeRole = &AssumeRole{RoleARN: roles[cloud].arn}
		if c := use(keys, nil); len(c.calls) != 1 {
			t.Errorf("calls of a role are %q, want one", c.calls)
		}
		if c := use(Config{MachineRole: "web"}, nil); len(c.calls) == 0 {
			t.Error("the role of the machine makes no call")
		}
	})
}

func TestAllowedAccounts(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		account := roles[cloud].account
		n := cloud.names
		own := "`" + n.ID.Name + "` in the provider's `" + n.Block + "` block"
		use := func(allowed string, config Config) (*service, *Chain) {
			sts := &service{cloud: cloud, now: time.Now, callers: env("id-1", "SECRETone1111")}
			c := &computer{sts: sts, now: time.Now}
			config.AllowedAccountIDs = []string{"42", allowed}
			return sts, New(cloud, config, c.system())
		}
		keys := Config{ID: "id-1", Secret: "SECRETone1111"}
		t.Run("the account of keys is one of them", func(t *testing.T) {
			sts, chain := use(account, keys)
			for range 5 {
				set, err := chain.Keys(t.Context())
				wantKeys(t, set, err, "id-1", "SECRETone1111", "", own)
				if set.Account != account {
					t.Errorf("account is %q, want %q", set.Account, account)
				}
			}
			if got := fmt.Sprint(sts.actions()); got != "[GetCallerIdentity]" {
				t.Errorf("calls are %s, want one GetCallerIdentity", got)
			}
		})
		t.Run("the account of keys is another one", func(t *testing.T) {
			_, chain := use("43", keys)
			_, err := chain.Keys(t.Context())
			wantText(
				t,
				err,
				own+": the keys belong to the account \""+account+"\", and `allowed_account_ids` allows only \"42\", \"43\"",
			)
		})
		t.Run("the account of a role is known from its exchange", func(t *testing.T) {
			config := keys
			config.AssumeRole = &AssumeRole{RoleARN: roles[cloud].arn}
			sts, chain := use(account, config)
			if _, err := chain.Keys(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(sts.actions()); got != "[AssumeRole]" {
				t.Errorf("calls are %s, want one AssumeRole", got)
			}
		})
		t.Run("the account cannot be found out", func(t *testing.T) {
			sts, chain := use(account, keys)
			sts.fail = func(int, map[string]string) *failure {
				return &failure{status: 403, code: "Forbidden", message: "no SECRETone1111"}
			}
			_, err := chain.Keys(t.Context())
			wantText(
				t,
				err,
				own+": GetCallerIdentity failed: the cloud refused\nCode: Forbidden\nMessage: no ***\nRequest id: request-1",
			)
		})
		t.Run("the account is looked up when it is asked for", func(t *testing.T) {
			sts := &service{cloud: cloud, now: time.Now, callers: env("id-1", "SECRETone1111")}
			chain := New(cloud, keys, (&computer{sts: sts, now: time.Now}).system())
			for range 3 {
				if got, err := chain.Account(t.Context()); got != account || err != nil {
					t.Errorf("account is %q (%v), want %q", got, err, account)
				}
			}
			if sts.count() != 1 {
				t.Errorf("%d calls, want 1", sts.count())
			}
		})
	})
}

func TestZenlayerHasNoAccount(t *testing.T) {
	t.Parallel()
	account, err := New(Zenlayercloud, Config{Token: "TOKENone1111"}, (&computer{}).system()).Account(t.Context())
	if account != "" || err != nil {
		t.Errorf("account is %q (%v), want none", account, err)
	}
}

// wait makes a call each second for as long as d lasts, and returns the ids of
// the keys in order.
func TestTwoChainsWithTwoProfilesUseTwoAccounts(t *testing.T) {
	t.Parallel()
	c := laptop(`{"current":"b","profiles":[
		{"name":"a","mode":"AK","access_key_id":"id-1","access_key_secret":"SECRETone1111"},
		{"name":"b","mode":"StsToken","access_key_id":"id-2","access_key_secret":"SECRETtwo2222",
		 "sts_token":"TOKENtwo2222"}]}`)
	a, b := New(Alicloud, Config{Profile: "a"}, c.system()), New(Alicloud, Config{Profile: "b"}, c.system())
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if set, err := a.Keys(t.Context()); set.ID != "id-1" || err != nil {
				t.Errorf("a has %s (%v)", set.ID, err)
			}
		})
		group.Go(func() {
			if set, err := b.Keys(t.Context()); set.ID != "id-2" || err != nil {
				t.Errorf("b has %s (%v)", set.ID, err)
			}
		})
	}
	group.Wait()
}

func TestASetDoesNotShowItsKeys(t *testing.T) {
	t.Parallel()
	set := Set{
		ID:      secrets[0],
		Secret:  secrets[1],
		Token:   secrets[3],
		Source:  "the source",
		secrets: []string{secrets[4], secrets[1]},
	}
	encoded, err := json.Marshal(map[string]any{"set": set})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("set", "set", set)
	for _, text := range []string{
		fmt.Sprint(set), fmt.Sprintf("%v %+v %#v %s %q "+
			"%x", set, set, set, set, set, set), fmt.Sprintf("%+v", struct{ S *Set }{&set}),
		fmt.Sprintf("%v", []Set{set}), string(encoded), log.String(),
	} {
		noSecret(t, text)
	}
	if got := fmt.Sprint(set); got != "credentials.Set{the source}" {
		t.Errorf("the set prints as %s", got)
	}
	if got := len(set.Secrets()); got != 4 {
		t.Errorf("%d secrets, want 4", got)
	}
}

func TestDefaultSessionNames(t *testing.T) {
	t.Parallel()
	for run, want := range map[string]string{
		"":                                     "terraform",
		"run-CZcmD7eagjhyX0vN":                 "terraform-run-CZcmD7eagjhyX0vN",
		"run/with spaces and more than enough": "terraform-run-with-spaces-and-mo",
	} {
		got := defaultSession((&computer{env: env("TFC_RUN_ID", run)}).system())
		if got != want {
			t.Errorf("session of %q is %q, want %q", run, got, want)
		}
		if !shortSession.allows(got) || !longSession.allows(got) {
			t.Errorf("no cloud takes %q", got)
		}
	}
}

func TestFormsOfSessions(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ short, long bool }{
		"":                       {false, false},
		"a":                      {false, false},
		"ab":                     {true, true},
		"terraform-run_1.2@x":    {true, true},
		"a+b=c,d":                {false, true},
		"a b":                    {false, false},
		"a/b":                    {false, false},
		"ab\n":                   {false, false},
		"aé":                     {false, false},
		strings.Repeat("a", 64):  {true, true},
		strings.Repeat("a", 65):  {false, true},
		strings.Repeat("a", 128): {false, true},
		strings.Repeat("a", 129): {false, false},
	} {
		if short, long := shortSession.allows(name), longSession.allows(name); short != want.short || long != want.long {
			t.Errorf("%q is allowed: %t and %t, want %t and %t", name, short, long, want.short, want.long)
		}
	}
}

func TestSourcesOfTheDocumentation(t *testing.T) {
	t.Parallel()
	want := []string{
		"`access_key` with `secret_key`, `assume_role_with_oidc`, `profile`, `shared_credentials_file`, `ecs_role_name` " +
			"in the `volcengine` block",
		"VOLCENGINE_ACCESS_KEY with VOLCENGINE_SECRET_KEY, VOLCSTACK_ACCESS_KEY_ID with VOLCSTACK_SECRET_ACCESS_KEY",
		"VOLCENGINE_OIDC_ROLE_TRN with VOLCENGINE_OIDC_TOKEN_FILE or TFC_WORKLOAD_IDENTITY_TOKEN",
		"a profile: VOLCENGINE_PROFILE, VOLCENGINE_CLI_CONFIG_FILE, VOLCSTACK_SHARED_CREDENTIALS_FILE",
		"the role of the machine: VOLCENGINE_ECS_METADATA",
		"~/.volcengine/config.json",
		"~/.volcengine/credentials",
	}
	if diff := cmp.Diff(want, Volcengine.Sources()); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}

func TestArgumentsOfABlockHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	for name, cloud := range clouds {
		n := cloud.Names()
		if n.Block != name {
			t.Errorf("the block of %s is %q", name, n.Block)
		}
		for block, arguments := range map[string][]Argument{
			n.Block:             {n.ID, n.Secret, n.Token, n.Profile, n.File, n.MachineRole},
			n.AssumeRole.Block:  n.AssumeRole.arguments(),
			n.WebIdentity.Block: n.WebIdentity.arguments(),
		} {
			seen := make(map[string]bool)
			for _, argument := range arguments {
				if argument.Name == "" && len(argument.Env) > 0 {
					t.Errorf("%s: an argument without a name has the variables %q", block, argument.Env)
				}
				if argument.Name != "" && seen[argument.Name] {
					t.Errorf("%s: two arguments are named %s", block, argument.Name)
				}
				seen[argument.Name] = true
			}
		}
		if cloud.HasTokenService() != (len(cloud.ExpiredCodes()) > 0) {
			t.Errorf("%s has the codes %q", name, cloud.ExpiredCodes())
		}
	}
}

func (n RoleNames) arguments() []Argument {
	return []Argument{
		n.RoleARN,
		n.SessionName,
		n.Duration,
		n.Policy,
		n.ExternalID,
		n.SourceIdentity,
		n.Provider,
		n.Token,
		n.TokenFile,
		n.RoleARNFile,
		n.TFCTag,
	}
}

func TestProblemsNameTheirArgument(t *testing.T) {
	t.Parallel()
	config := Config{
		ID: "id-1", Secret: "SECRETone1111\n", Profile: "ops", STSEndpoint: "http://sts.example.com",
		AssumeRole:  &AssumeRole{SessionName: "?", DurationSeconds: 1, Policy: "["},
		WebIdentity: &WebIdentity{Token: jwt, TokenFile: "/t", TFCTag: "a-b"},
	}
	var got []string
	for _, problem := range Alicloud.Check(config) {
		noSecret(t, problem.Error())
		got = append(got, problem.Block+"."+problem.Argument)
	}
	want := []string{
		".secret_key", ".assume_role_with_oidc", ".sts_endpoint",
		"assume_role.session_name", "assume_role.session_expiration", "assume_role.policy",
		"assume_role_with_oidc.oidc_token_file", "assume_role_with_oidc.tfc_credential_tag_name",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
