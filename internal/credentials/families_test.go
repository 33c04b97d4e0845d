package credentials

import (
	"fmt"
	"strings"
	"testing"
)

// set returns the variables of a whole family: each part by its first name.
func (f Family) set(mark string, withToken bool) map[string]string {
	m := make(map[string]string)
	if len(f.ID) > 0 {
		m[f.ID[0]], m[f.Secret[0]] = "id-"+mark, "secret-"+mark
	}
	if len(f.Token) > 0 && (withToken || len(f.ID) == 0) {
		m[f.Token[0]] = "token-" + mark
	}
	return m
}

func merge(maps ...map[string]string) map[string]string {
	all := make(map[string]string)
	for _, m := range maps {
		for key, value := range m {
			all[key] = value
		}
	}
	return all
}

// eachPair runs a test for each two families of each cloud.
func eachPair(t *testing.T, test func(t *testing.T, cloud *Cloud, first, second Family)) {
	t.Helper()
	for name, cloud := range clouds {
		for i, first := range cloud.families {
			for j, second := range cloud.families {
				if i < j {
					t.Run(fmt.Sprintf("%s, families %d and %d", name, i, j), func(t *testing.T) { test(t, cloud, first, second) })
				}
			}
		}
	}
}

// want is what a family gives by itself.
func (f Family) want(mark string, withToken bool) (id, secret, token string) {
	if len(f.ID) > 0 {
		id, secret = "id-"+mark, "secret-"+mark
	}
	if len(f.Token) > 0 && (withToken || len(f.ID) == 0) {
		token = "token-" + mark
	}
	return id, secret, token
}

func TestFamiliesAreNotMixed(t *testing.T) {
	t.Parallel()
	t.Run("of two whole families the first one wins, with its own token", func(t *testing.T) {
		eachPair(t, func(t *testing.T, cloud *Cloud, first, second Family) {
			c := &computer{env: merge(first.set("1", true), second.set("2", true))}
			set, err := New(cloud, Config{}, c.system()).Keys(t.Context())
			id, secret, token := first.want("1", true)
			wantKeys(t, set, err, id, secret, token, set.Source)
		})
	})
	t.Run("keys of the first take no token of the second", func(t *testing.T) {
		eachPair(t, func(t *testing.T, cloud *Cloud, first, second Family) {
			if len(first.ID) == 0 || len(second.Token) == 0 {
				t.Skip("one of them has no keys, or the other no token")
			}
			c := &computer{env: merge(first.set("1", false), env(second.Token[0], "token-2"))}
			set, err := New(cloud, Config{}, c.system()).Keys(t.Context())
			wantKeys(t, set, err, "id-1", "secret-1", "", "the environment variables "+first.ID[0]+" and "+first.Secret[0])
		})
	})
	t.Run("keys of the second take no token of the first", func(t *testing.T) {
		eachPair(t, func(t *testing.T, cloud *Cloud, first, second Family) {
			if len(first.ID) == 0 || len(first.Token) == 0 || len(second.ID) == 0 {
				t.Skip("one of them has no token, or the other no keys")
			}
			c := &computer{env: merge(second.set("2", false), env(first.Token[0], "token-1"))}
			set, err := New(cloud, Config{}, c.system()).Keys(t.Context())
			wantKeys(t, set, err, "id-2", "secret-2", "", "the environment variables "+second.ID[0]+" and "+second.Secret[0])
		})
	})
	t.Run("two halves of two families are no set", func(t *testing.T) {
		eachPair(t, func(t *testing.T, cloud *Cloud, first, second Family) {
			if len(first.ID) == 0 || len(second.ID) == 0 {
				t.Skip("one of them is a token alone")
			}
			for _, halves := range []struct {
				env  map[string]string
				want string
			}{
				{
					env(first.ID[0], "id-1", second.Secret[0], "secret-2"),
					first.ID[0] + " is set and " + alternatives(first.Secret) + " is not; " + second.Secret[0] + " is set " +
						"and " + alternatives(second.ID) + " is not",
				},
				{
					env(first.Secret[0], "secret-1", second.ID[0], "id-2"),
					first.Secret[0] + " is set and " + alternatives(first.ID) + " is not; " + second.ID[0] + " is set " +
						"and " + alternatives(second.Secret) + " is not",
				},
			} {
				_, err := New(cloud, Config{}, (&computer{env: halves.env}).system()).Keys(t.Context())
				wantText(t, err, "half a set of keys is in the environment: "+halves.want+
					". The parts of a set are taken from one family of names and are never mixed: set both, or neither.")
			}
		})
	})
	t.Run("a half family beside a whole one is ignored, and logged", func(t *testing.T) {
		eachPair(t, func(t *testing.T, cloud *Cloud, first, second Family) {
			if len(first.ID) == 0 {
				t.Skip("a token alone has no halves")
			}
			c := &computer{env: merge(env(first.ID[0], "id-1"), second.set("2", true))}
			set, err := New(cloud, Config{}, c.system()).Keys(t.Context())
			id, secret, token := second.want("2", true)
			wantKeys(t, set, err, id, secret, token, set.Source)
			log := strings.Join(c.logged, "\n")
			if !strings.Contains(log, "half a set of keys in the environment is ignored") ||
				!strings.Contains(log, first.Secret[0]) {
				t.Errorf("the log is:\n%s", log)
			}
		})
	})
}

func alternatives(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return list[0] + " (or " + list[1] + ")"
}

func TestNamesOfOnePrefixAreAlternatives(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cloud             *Cloud
		env               map[string]string
		id, secret, token string
	}{
		"ALICLOUD with the CLI's names": {
			Alicloud,
			env(
				"ALICLOUD_ACCESS_KEY_ID",
				"id-1",
				"ALICLOUD_ACCESS_KEY_SECRET",
				"secret-1",
				"ALICLOUD_SECURITY_TOKEN",
				"token-1",
			),
			"id-1",
			"secret-1",
			"token-1",
		},
		"ALICLOUD with a name of each": {
			Alicloud, env("ALICLOUD_ACCESS_KEY", "id-1", "ALICLOUD_ACCESS_KEY_SECRET", "secret-1"), "id-1", "secret-1", "",
		},
		"the token of tccli": {
			Tencentcloud,
			env(
				"TENCENTCLOUD_SECRET_ID",
				"id-1",
				"TENCENTCLOUD_SECRET_KEY",
				"secret-1",
				"TENCENTCLOUD_TOKEN",
				"token-1",
				"TENCENTCLOUD_SESSION_TOKEN",
				"token-2",
			),
			"id-1",
			"secret-1",
			"token-1",
		},
		"the token of the Node SDK": {
			Tencentcloud,
			env(
				"TENCENTCLOUD_SECRET_ID",
				"id-1",
				"TENCENTCLOUD_SECRET_KEY",
				"secret-1",
				"TENCENTCLOUD_SESSION_TOKEN",
				"token-2",
			),
			"id-1",
			"secret-1",
			"token-2",
		},
		"VOLCSTACK with both names": {
			Volcengine, env("VOLCSTACK_ACCESS_KEY", "id-1", "VOLCSTACK_SECRET_ACCESS_KEY", "secret-1"), "id-1", "secret-1", "",
		},
		"an empty variable is not set": {
			Volcengine,
			env(
				"VOLCENGINE_ACCESS_KEY",
				"",
				"VOLCENGINE_SECRET_KEY",
				"",
				"VOLCSTACK_ACCESS_KEY",
				"id-1",
				"VOLCSTACK_SECRET_KEY",
				"secret-1",
			),
			"id-1",
			"secret-1",
			"",
		},
		"a token of Zenlayer before the pair of its CLI": {
			Zenlayercloud,
			env("ZENLAYER_TOKEN", "token-1", "ZENLAYER_ACCESS_KEY_ID", "id-1", "ZENLAYER_ACCESS_KEY_SECRET", "secret-1"),
			"",
			"",
			"token-1",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			set, err := New(test.cloud, Config{}, (&computer{env: test.env}).system()).Keys(t.Context())
			wantKeys(t, set, err, test.id, test.secret, test.token, set.Source)
		})
	}
}

func TestHalfAFamilyIsAnError(t *testing.T) {
	t.Parallel()
	for name, cloud := range clouds {
		for _, family := range cloud.families {
			if len(family.ID) == 0 {
				continue
			}
			for _, half := range []struct{ set, missing []string }{{family.ID, family.Secret}, {family.Secret, family.ID}} {
				t.Run(name+" with "+half.set[0]+" alone", func(t *testing.T) {
					c := &computer{home: "/home/u", env: env(half.set[0], "SECRETone1111")}
					_, err := New(cloud, Config{}, c.system()).Keys(t.Context())
					wantText(t, err, "half a set of keys is in the environment: "+half.set[0]+" is set and "+
						alternatives(half.missing)+" is not. The parts of a set are taken from one family of names and are "+
						"never mixed: set both, or neither.")
				})
			}
		}
	}
}

func TestKeysOfTheConfigurationTakeNothingFromTheEnvironment(t *testing.T) {
	t.Parallel()
	for name, cloud := range clouds {
		t.Run(name, func(t *testing.T) {
			all := make(map[string]string)
			for i, family := range cloud.families {
				all = merge(all, family.set(fmt.Sprint("env-", i), true))
			}
			n := cloud.names
			t.Run("not a token", func(t *testing.T) {
				set, err := New(cloud, Config{ID: "id-1", Secret: "secret-1"}, (&computer{env: all}).system()).Keys(t.Context())
				wantKeys(t, set, err, "id-1", "secret-1", "", "`"+n.ID.Name+"` in the provider's `"+n.Block+"` block")
			})
			t.Run("not a secret", func(t *testing.T) {
				_, err := New(cloud, Config{ID: "SECRETone1111"}, (&computer{env: all}).system()).Keys(t.Context())
				wantText(t, err, "`"+n.ID.Name+"` is set in the provider's `"+n.Block+"` block and `"+n.Secret.Name+"` is not. "+
					"A set of keys is taken whole from one source, and the environment does not complete it: set them all there, "+
					"or none")
			})
			t.Run("not an id", func(t *testing.T) {
				_, err := New(cloud, Config{Secret: "SECRETone1111"}, (&computer{env: all}).system()).Keys(t.Context())
				wantText(t, err, "`"+n.Secret.Name+"` is set in the provider's `"+n.Block+"` block and `"+n.ID.Name+"` is not. "+
					"A set of keys is taken whole from one source, and the environment does not complete it: set them all there, "+
					"or none")
			})
			t.Run("not keys for a token", func(t *testing.T) {
				set, err := New(cloud, Config{Token: "TOKENone1111"}, (&computer{env: all}).system()).Keys(t.Context())
				if cloud.tokenAlone {
					wantKeys(t, set, err, "", "", "TOKENone1111", "`token` in the provider's `zenlayercloud` block")
					return
				}
				wantText(
					t,
					err,
					"`"+n.Token.Name+"` is set in the provider's `"+n.Block+"` block and `"+n.ID.Name+"` and "+
						"`"+n.Secret.Name+"` are not. "+
						"A set of keys is taken whole from one source, and the environment does not complete it: set them all there, "+
						"or none",
				)
			})
		})
	}
}
