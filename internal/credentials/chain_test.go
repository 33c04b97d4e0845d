package credentials

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// row is one row of a chain: what is set, and the keys or the whole text of the
// error.
type row struct {
	cloud  *Cloud
	config Config
	env    map[string]string
	files  map[string]string
	noHome bool
	// metadata is set where the machine has a role.
	metadata bool

	keys   [3]string // id, secret, token; "*" is one of the token service
	source string
	want   string // the error
	calls  []string
}

// issuedKeys are the keys of the first call to the token service.
var issuedKeys = [3]string{"temporary-id-1", "temporary-secret-1", "temporary-token-1"}

// machineKeys are those of the metadata service for tests.
var machineKeys = [3]string{"machine-id", "SECRETthree3333", "TOKENthree3333"}

func runRows(t *testing.T, rows map[string]row) {
	t.Helper()
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &computer{env: r.env, files: r.files, home: "/home/u", now: time.Now}
			if r.noHome {
				c.home = ""
			}
			if r.cloud.sts != nil {
				c.sts = &service{
					cloud: r.cloud, now: time.Now,
					callers:  env("id-1", "SECRETone1111", "id-2", "SECRETtwo2222", machineKeys[0], machineKeys[1]),
					sessions: env("id-2", "TOKENtwo2222", machineKeys[0], machineKeys[2]),
				}
				if r.metadata {
					c.metadata = &machineRole{cloud: r.cloud, now: time.Now, role: "web"}
				}
			}
			set, err := New(r.cloud, r.config, c.system()).Keys(t.Context())
			if r.want != "" {
				wantText(t, err, r.want)
			} else {
				wantKeys(t, set, err, r.keys[0], r.keys[1], r.keys[2], r.source)
			}
			var actions []string
			if sts, ok := c.sts.(*service); ok {
				actions = sts.actions()
			}
			if diff := cmp.Diff(r.calls, actions); diff != "" {
				t.Errorf("calls to the token service (-want +got):\n%s", diff)
			}
			noSecret(t, strings.Join(c.logged, "\n"))
		})
	}
}

// jwt is a token that is good for tests in real time.
var jwt = runToken(time.Now().Add(time.Hour))
