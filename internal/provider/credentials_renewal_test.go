package provider

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// keyLife is how long issued keys last in these tests.
const keyLife = 15 * time.Minute

// longApply is an apply that waits for a stop of 50 minutes with the keys of a web
// identity, which end every 15 minutes.
type longApply struct {
	*simulation

	row   simulator.Service
	token string // the path of the file
	began time.Time
}

// eachLongApply runs f in fake time for each cloud that exchanges tokens.
func eachLongApply(t *testing.T, f func(a *longApply)) {
	t.Helper()
	eachTokenService(t, func(t *testing.T, _ *simulation, row simulator.Service) {
		path := filepath.Join(t.TempDir(), "token")
		inFakeTime(t, func(t *testing.T) {
			a := &longApply{simulation: newSimulation(t), row: row, token: path, began: time.Now()}
			localcloud.SetTransition(a.server, 50*time.Minute)
			a.server.Cloud(row.Cloud).SetKeyLife(keyLife)
			a.write("apply")
			f(a)
		})
	})
}

// write puts a new token for a phase, which lasts 2 hours, into the file.
func (a *longApply) write(phase string) {
	a.t.Helper()
	request := a.row.Federation.Request(phase)
	request.ExpiresIn = simulator.Offset(2 * time.Hour)
	token, err := request.Token(a.server.Issuer())
	if err != nil {
		a.t.Fatal(err)
	}
	writeFile(a.t, a.token, token+"\n")
}

// block is the cloud's block with a web identity whose token is in the file.
func (a *longApply) block() map[string]any {
	n := clouds[a.row.Cloud].account.Names().WebIdentity
	return a.here(a.row, webIdentity(a.row, a.row.Federation.ApplyRole, map[string]any{n.TokenFile.Name: a.token}))
}

// webIdentity is the nested block of a role that is assumed with a token.
func webIdentity(row simulator.Service, role string, more map[string]any) map[string]any {
	f := row.Federation
	block := map[string]any{f.RoleArgument: role}
	for _, line := range f.Arguments {
		name, value, _ := strings.Cut(line, " = ")
		block[name] = strings.Trim(value, `"`)
	}
	maps.Copy(block, more)
	return map[string]any{f.Block: block}
}

// run applies the stop. meanwhile runs beside it.
func (a *longApply) run(meanwhile func()) []*tfprotov6.Diagnostic {
	a.t.Helper()
	id := a.seed(a.row, a.row.Region, 1, 1)[0]
	config := stopped(a.row, a.row.Region, id)
	config["timeouts"] = map[string]any{"create": "2h"}
	r := a.provider(map[string]any{a.row.Cloud: a.block()})
	plan := r.plan(config, held{})
	if hasError(plan.Diagnostics) {
		a.t.Fatalf("plan: %s", texts(plan.Diagnostics))
	}
	done := make(chan []*tfprotov6.Diagnostic, 1)
	go func() {
		_, diags := r.apply(a.t.Context(), config, held{}, plan)
		done <- diags
	}()
	if meanwhile != nil {
		meanwhile()
	}
	diags := <-done
	synctest.Wait() // A renewal may still be under way.
	return diags
}

// fail makes the token service refuse exchanges after the first one: so many, or all
// for 0.
func (a *longApply) fail(count int) {
	a.t.Helper()
	_, err := a.server.Cloud(a.row.Cloud).AddTrouble(simulator.Trouble{
		Kind: simulator.Error, Action: simulator.TokenService, Skip: 1, Count: count,
		Code: "RoleIsLocked", Status: 403, Message: "The role is locked.",
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

// attempts counts the calls to the token service.
func (a *longApply) attempts() int { return serviceCalls(a.server.Cloud(a.row.Cloud)) }

// action is the call that exchanges the token.
func (a *longApply) action() string {
	a.t.Helper()
	for _, call := range a.server.Cloud(a.row.Cloud).Calls(0) {
		if call.Issued != "" {
			return call.Action
		}
	}
	a.t.Fatal("nothing was exchanged")
	return ""
}

// wantEnded checks the error of an apply whose keys could not be renewed.
func (a *longApply) wantEnded(diags []*tfprotov6.Diagnostic, reason string) {
	a.t.Helper()
	got := texts(diags)
	block := a.row.Federation.Block
	want := fmt.Sprintf("`%s` in the provider's `%s` block: the keys ended at %s, and their renewal failed: %s",
		block, a.row.Cloud, a.began.Add(keyLife).UTC().Format(time.RFC3339), reason)
	if !strings.Contains(got, want) {
		a.t.Errorf("got:\n%s\nwant an error with:\n%s", got, want)
	}
	if elapsed := time.Since(a.began); elapsed < keyLife || elapsed > keyLife+2*time.Minute {
		a.t.Errorf("the apply ended after %s, want soon after the keys ended, at %s", elapsed, keyLife)
	}
}

func TestAnApplyOutlivesItsKeysByThreeRenewals(t *testing.T) {
	eachLongApply(t, func(a *longApply) {
		if diags := a.run(nil); len(diags) > 0 {
			a.t.Errorf("apply: %s", texts(diags))
		}
		if got := a.issuedKeys(a.row); got != 4 {
			a.t.Errorf("got %d exchanges, want the first and three renewals", got)
		}
	})
}

func TestAnApplySurvivesRenewalsThatFailTwice(t *testing.T) {
	eachLongApply(t, func(a *longApply) {
		a.fail(2)
		if diags := a.run(nil); len(diags) > 0 {
			a.t.Errorf("apply: %s", texts(diags))
		}
		if issued, tried := a.issuedKeys(a.row), a.attempts(); issued != 4 || tried != 6 {
			a.t.Errorf("got %d exchanges of %d calls, want 4 of 6", issued, tried)
		}
	})
}

func TestRenewalsThatFailUntilTheKeysEndFailTheApply(t *testing.T) {
	eachLongApply(t, func(a *longApply) {
		a.fail(0)
		a.wantEnded(a.run(nil), a.action()+" for \""+a.row.Federation.ApplyRole+
			"\" failed: the cloud refused\nToken: ")
	})
}

func TestATokenFileThatIsReplacedIsReadAgain(t *testing.T) {
	eachLongApply(t, func(a *longApply) {
		diags := a.run(func() {
			time.Sleep(time.Minute)
			request := a.row.Federation.Request("apply")
			request.Subject = strings.Replace(request.Subject, "workspace:demo", "workspace:next", 1)
			token, err := request.Token(a.server.Issuer())
			if err != nil {
				a.t.Error(err)
			}
			writeFile(a.t, a.token, token)
		})
		if len(diags) > 0 {
			a.t.Errorf("apply: %s", texts(diags))
		}
		var subjects []string
		for _, call := range a.server.Cloud(a.row.Cloud).Calls(0) {
			if call.Issued != "" {
				subjects = append(subjects, call.Subject)
			}
		}
		if len(subjects) != 4 || strings.Contains(subjects[0], "next") || !strings.Contains(subjects[1], "next") {
			a.t.Errorf("the exchanges are for %q, want the second token from the second on", subjects)
		}
	})
}

func TestATokenFileThatIsEmptiedOrTruncated(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"emptied":   {"", "%s is empty"},
		"truncated": {"eyJhbGciOiJSUzI1NiIs", "%s does not hold a JSON Web Token: it is cut off, or another kind of text"},
	} {
		t.Run(name+" for good: the keys are used until their end", func(t *testing.T) {
			eachLongApply(t, func(a *longApply) {
				diags := a.run(func() {
					time.Sleep(time.Minute)
					writeFile(a.t, a.token, test.text)
				})
				argument := clouds[a.row.Cloud].account.Names().WebIdentity.TokenFile.Name
				a.wantEnded(diags, "`"+argument+"`: "+fmt.Sprintf(test.want, a.token))
			})
		})
		t.Run(name+" for a while: the apply succeeds", func(t *testing.T) {
			eachLongApply(t, func(a *longApply) {
				diags := a.run(func() {
					time.Sleep(time.Minute)
					writeFile(a.t, a.token, test.text)
					time.Sleep(13*time.Minute + 15*time.Second)
					a.write("apply")
				})
				if got := a.issuedKeys(a.row); len(diags) > 0 || got != 4 {
					a.t.Errorf("got %d exchanges, want 4: %s", got, texts(diags))
				}
			})
		})
	}
}
