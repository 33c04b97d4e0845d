package simulator

import (
	"fmt"
	"net/http"
	"slices"
)

// doneAnswer is what a change answers that has nothing else to say.
type doneAnswer struct {
	Done bool `json:"done"`
}

var done = doneAnswer{Done: true}

func missing(what, id string) *failure {
	return &failure{http.StatusNotFound, fmt.Errorf("there is no %s %q", what, id)}
}

func listInstances(c *Cloud, _ *http.Request) (any, *failure) { return c.Instances(), nil }

func seedInstances(c *Cloud, r *http.Request) (any, *failure) {
	var instances []Instance
	if fail := decode(r, &instances); fail != nil {
		return nil, fail
	}
	if err := c.Check(instances...); err != nil {
		return nil, bad(err)
	}
	if err := c.Seed(instances...); err != nil {
		return nil, bad(err)
	}
	return done, nil
}

func removeInstances(c *Cloud, _ *http.Request) (any, *failure) {
	c.Remove()
	return done, nil
}

func seedBulk(c *Cloud, r *http.Request) (any, *failure) {
	var b Bulk
	if fail := decode(r, &b); fail != nil {
		return nil, fail
	}
	instances, err := b.instances()
	if err == nil {
		err = c.Check(instances...)
	}
	if err == nil {
		err = c.Seed(instances...)
	}
	if err != nil {
		return nil, bad(err)
	}
	return idsOf(instances), nil
}

func getInstance(c *Cloud, r *http.Request) (any, *failure) {
	i, ok := c.Instance(r.PathValue("id"))
	if !ok {
		return nil, missing("instance", r.PathValue("id"))
	}
	return i, nil
}

func putInstance(c *Cloud, r *http.Request) (any, *failure) {
	id := r.PathValue("id")
	var i Instance
	if fail := decode(r, &i); fail != nil {
		return nil, fail
	}
	if i.ID == "" {
		i.ID = id
	}
	if i.ID != id {
		return nil, bad(fmt.Errorf("the path says %q and the body says %q", id, i.ID))
	}
	if err := c.checkInstance(i); err != nil {
		return nil, bad(err)
	}
	if err := c.Seed(i); err != nil {
		return nil, bad(err)
	}
	return getInstance(c, r)
}

func patchInstance(c *Cloud, r *http.Request) (any, *failure) {
	id := r.PathValue("id")
	if _, ok := c.Instance(id); !ok {
		return nil, missing("instance", id)
	}
	body, fail := readBody(r)
	if fail != nil {
		return nil, fail
	}
	if err := c.Change(id, func(i *Instance) error {
		before := i.clone()
		if err := DecodeStrict(body, i); err != nil {
			return err
		}
		return c.checkChange(before, *i)
	}); err != nil {
		return nil, bad(err)
	}
	return getInstance(c, r)
}

func removeInstance(c *Cloud, r *http.Request) (any, *failure) {
	id := r.PathValue("id")
	if _, ok := c.Instance(id); !ok {
		return nil, missing("instance", id)
	}
	c.Remove(id)
	return done, nil
}

func listCredentials(c *Cloud, _ *http.Request) (any, *failure) { return c.Credentials(), nil }

func seedCredentials(c *Cloud, r *http.Request) (any, *failure) {
	var credentials []Credential
	if fail := decode(r, &credentials); fail != nil {
		return nil, fail
	}
	if err := c.SeedCredentials(credentials...); err != nil {
		return nil, bad(err)
	}
	return done, nil
}

func getSettings(c *Cloud, _ *http.Request) (any, *failure) { return c.CurrentSettings(), nil }

func patchSettings(c *Cloud, r *http.Request) (any, *failure) {
	body, fail := readBody(r)
	if fail != nil {
		return nil, fail
	}
	if err := c.editSettings(func(s *Settings) error { return DecodeStrict(body, s) }); err != nil {
		return nil, bad(err)
	}
	return c.CurrentSettings(), nil
}

func listTroubles(c *Cloud, _ *http.Request) (any, *failure) { return c.Troubles(), nil }

func addTrouble(c *Cloud, r *http.Request) (any, *failure) {
	var t Trouble
	if fail := decode(r, &t); fail != nil {
		return nil, fail
	}
	if err := c.checkParameters(t); err != nil {
		return nil, bad(err)
	}
	id, err := c.AddTrouble(t)
	if err != nil {
		return nil, bad(err)
	}
	return map[string]string{"id": id}, nil
}

func clearTroubles(c *Cloud, _ *http.Request) (any, *failure) {
	c.ClearTroubles()
	return done, nil
}

func clearTrouble(c *Cloud, r *http.Request) (any, *failure) {
	if !c.ClearTroubles(r.PathValue("id")) {
		return nil, missing("trouble", r.PathValue("id"))
	}
	return done, nil
}

func listCalls(c *Cloud, r *http.Request) (any, *failure) {
	q, err := readCallQuery(r)
	if err != nil {
		return nil, bad(err)
	}
	calls := slices.DeleteFunc(c.Calls(q.since), func(k Call) bool {
		return q.action != "" && q.action != k.Action || q.op != "" && q.op != k.Op
	})
	if q.table {
		text, err := callTable(calls)
		if err != nil {
			return nil, &failure{http.StatusInternalServerError, err}
		}
		return plainText(text), nil
	}
	return orEmpty(calls), nil
}

func countCalls(c *Cloud, _ *http.Request) (any, *failure) { return c.CallCounts(), nil }

func forgetCalls(c *Cloud, _ *http.Request) (any, *failure) {
	c.ForgetCalls()
	return done, nil
}

func auditCalls(c *Cloud, r *http.Request) (any, *failure) {
	var options AuditOptions
	if fail := decodeIfAny(r, &options); fail != nil {
		return nil, fail
	}
	return orEmpty(Audit(c.Calls(0), options)), nil
}

func resetCloud(c *Cloud, _ *http.Request) (any, *failure) {
	c.Reset()
	return done, nil
}
