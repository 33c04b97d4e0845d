package credentials

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func wait(t *testing.T, chain *Chain, d time.Duration) (ids []string, err error) {
	t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(time.Second) {
		set, err := chain.Keys(t.Context())
		if err != nil {
			return ids, err
		}
		if len(ids) == 0 || ids[len(ids)-1] != set.ID {
			ids = append(ids, set.ID)
		}
		synctest.Wait()
	}
	return ids, nil
}

func TestAnApplyThatOutlivesItsKeysByThreeRenewals(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		synctest.Test(t, func(t *testing.T) {
			sts := &service{cloud: cloud, now: time.Now, life: 15 * time.Minute}
			c := &computer{sts: sts, now: time.Now, files: map[string]string{"/run/token": runToken(time.Now().Add(time.Hour))}}
			config := webConfig(cloud, "")
			config.WebIdentity.Token, config.WebIdentity.TokenFile = "", "/run/token"
			ids, err := wait(t, New(cloud, config, c.system()), 50*time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(ids, " "); got != "temporary-id-1 temporary-id-2 temporary-id-3 temporary-id-4" {
				t.Errorf("keys are %s", got)
			}
		})
	})
}

func TestATokenFileThatChangesBetweenRenewals(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		start := func(t *testing.T) (*computer, *service, *Chain) {
			sts := &service{cloud: cloud, now: time.Now, life: 15 * time.Minute}
			c := &computer{
				sts:   sts,
				now:   time.Now,
				files: map[string]string{"/run/token": runToken(time.Now().Add(10 * time.Minute))},
			}
			config := webConfig(cloud, "")
			config.WebIdentity.Token, config.WebIdentity.TokenFile = "", "/run/token"
			return c, sts, New(cloud, config, c.system())
		}
		n := cloud.names
		source := "`" + n.WebIdentity.Block + "` in the provider's `" + n.Block + "` block"
		field := map[*Cloud]string{Tencentcloud: "WebIdentityToken"}[cloud]
		if field == "" {
			field = "OIDCToken"
		}
		t.Run("replaced: the new token is exchanged", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, sts, chain := start(t)
				if _, err := wait(t, chain, time.Minute); err != nil {
					t.Fatal(err)
				}
				second := runToken(time.Now().Add(time.Hour))
				c.write("/run/token", second)
				if _, err := wait(t, chain, 15*time.Minute); err != nil {
					t.Fatal(err)
				}
				if sts.count() != 2 || sts.call(1)[field] != second {
					t.Errorf("%d calls; the second has the new token: %t", sts.count(), sts.call(1)[field] == second)
				}
			})
		})
		for name, content := range map[string]struct{ text, want string }{
			"emptied":   {"", " is empty"},
			"truncated": {jwt[:20], " does not hold a JSON Web Token: it is cut off, or another kind of text"},
		} {
			t.Run(name+" for a while: the keys are used until their end", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, sts, chain := start(t)
					if _, err := wait(t, chain, time.Minute); err != nil {
						t.Fatal(err)
					}
					c.write("/run/token", content.text)
					if _, err := wait(t, chain, 13*time.Minute+50*time.Second); err != nil {
						t.Fatal(err)
					}
					c.write("/run/token", runToken(time.Now().Add(time.Hour)))
					if _, err := wait(t, chain, 10*time.Minute); err != nil {
						t.Fatal(err)
					}
					if sts.count() != 2 {
						t.Errorf("%d calls, want 2", sts.count())
					}
				})
			})
			t.Run(name+" for good: the error after the end names the file", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, _, chain := start(t)
					end := time.Now().Add(15 * time.Minute).UTC().Format(time.RFC3339)
					if _, err := wait(t, chain, time.Minute); err != nil {
						t.Fatal(err)
					}
					c.write("/run/token", content.text)
					_, err := wait(t, chain, 20*time.Minute)
					wantText(
						t,
						err,
						source+": the keys ended at "+end+", and their renewal failed: `"+n.WebIdentity.TokenFile.Name+"`: "+
							"/run/token"+content.want,
					)
				})
			})
		}
	})
}

func TestTheKeysOfTheSourceOfARoleAreRenewedToo(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		synctest.Test(t, func(t *testing.T) {
			sts := &service{cloud: cloud, now: time.Now, life: 15 * time.Minute}
			config := webConfig(cloud, "")
			config.AssumeRole = &AssumeRole{RoleARN: roles[cloud].arn}
			config.WebIdentity.Token = runToken(time.Now().Add(10 * time.Hour))
			chain := New(cloud, config, (&computer{sts: sts, now: time.Now}).system())
			if _, err := wait(t, chain, 16*time.Minute); err != nil {
				t.Fatal(err)
			}
			// The second AssumeRole may go out with the old keys, which are still good.
			count := make(map[string]int)
			for _, action := range sts.actions() {
				count[action]++
			}
			if diff := cmp.Diff(map[string]int{cloud.webAction: 2, "AssumeRole": 2}, count); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	})
}

func TestKeysOfTheSourceThatTheTokenServiceCallsExpired(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		refused := 0
		sts := &service{cloud: cloud, now: time.Now, fail: func(n int, call map[string]string) *failure {
			if call["Action"] == "AssumeRole" && refused < 1 {
				refused++
				return &failure{status: 403, code: cloud.sts.expired[0], message: "expired"}
			}
			return nil
		}}
		config := webConfig(cloud, "")
		config.AssumeRole = &AssumeRole{RoleARN: roles[cloud].arn}
		if _, err := New(cloud, config, (&computer{sts: sts, now: time.Now}).system()).Keys(t.Context()); err != nil {
			t.Fatal(err)
		}
		web := cloud.webAction
		want := fmt.Sprint([]string{web, "AssumeRole", web, "AssumeRole"})
		if got := fmt.Sprint(sts.actions()); got != want {
			t.Errorf("calls are %s, want %s", got, want)
		}
		// Twice in a row is an error.
		refused = -10
		_, err := New(cloud, config, (&computer{sts: sts, now: time.Now}).system()).Keys(t.Context())
		if err == nil || !strings.Contains(err.Error(), "Code: "+cloud.sts.expired[0]) {
			t.Errorf("error is %v", err)
		}
	})
}

func TestKeysThatACLIHasRenewedAreFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		file := func(id string, end time.Time) string {
			return fmt.Sprintf(
				`{"type":"sso","secretId":%q,"secretKey":"SECRETone1111","token":"TOKENone1111","expiresAt":%d}`,
				id,
				end.Unix(),
			)
		}
		path := in(".tccli", "default.credential")
		c := &computer{
			home:  "/home/u",
			now:   time.Now,
			files: map[string]string{path: file("id-1", time.Now().Add(time.Hour))},
		}
		chain := New(Tencentcloud, Config{}, c.system())
		if _, err := wait(t, chain, 59*time.Minute); err != nil {
			t.Fatal(err)
		}
		end := time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
		_, err := wait(t, chain, 2*time.Minute)
		wantText(
			t,
			err,
			"profile \"default\" of ~/.tccli/default.credential (sso): the keys ended at "+end+", and their renewal failed: "+
				"the keys of the profile ended at "+end+", and new ones need a browser. Run `tccli sso login` and try again.",
		)
		c.write(path, file("id-2", time.Now().Add(time.Hour)))
		time.Sleep(maxPause)
		set, err := chain.Keys(t.Context())
		wantKeys(
			t,
			set,
			err,
			"id-2",
			"SECRETone1111",
			"TOKENone1111",
			`profile "default" of ~/.tccli/default.credential (sso)`,
		)
	})
}

func TestInvalidateOfAChain(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		t.Run("keys of a role are exchanged anew, once", func(t *testing.T) {
			sts := &service{cloud: cloud, now: time.Now}
			chain := New(cloud, webConfig(cloud, ""), (&computer{sts: sts, now: time.Now}).system())
			old, err := chain.Keys(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				chain.Invalidate(old)
				set, err := chain.Keys(t.Context())
				if err != nil || set.ID != "temporary-id-2" {
					t.Errorf("keys are %s (%v), want temporary-id-2", set.ID, err)
				}
			}
			if sts.count() != 2 {
				t.Errorf("%d calls, want 2", sts.count())
			}
		})
		t.Run("static keys stay the same", func(t *testing.T) {
			c := &computer{}
			chain := New(cloud, Config{ID: "id-1", Secret: "SECRETone1111"}, c.system())
			old, err := chain.Keys(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			chain.Invalidate(old)
			if set, err := chain.Keys(t.Context()); err != nil || set.ID != "id-1" {
				t.Errorf("keys are %s (%v), want id-1", set.ID, err)
			}
			if c.count() != 0 {
				t.Errorf("%d calls, want none", c.count())
			}
		})
	})
}
