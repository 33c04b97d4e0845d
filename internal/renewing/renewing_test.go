package renewing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/credentials"
	"github.com/instance-power/terraform-provider-instance/internal/renewing"
)

// source hands out keys that are numbered by how often they were renewed.
type source struct {
	mu          sync.Mutex
	sets        []credentials.Set
	now         int
	invalidated int
	err         error
}

func (s *source) Keys(context.Context) (credentials.Set, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sets[s.now], s.err
}

func (s *source) Invalidate(credentials.Set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.invalidated++
	s.now = min(s.now+1, len(s.sets)-1)
}

func sets(ids ...string) []credentials.Set {
	var all []credentials.Set
	for _, id := range ids {
		all = append(all, credentials.Set{ID: id, Secret: "secret of " + id, Token: "token of " + id})
	}
	return all
}

func TestNoVerbShowsTheKeys(t *testing.T) {
	t.Parallel()
	first := sets("first")[0]
	d, err := renewing.New(first, renewing.Options{Keys: &source{sets: sets("first")}, Open: new(cloud).open})
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
		got := fmt.Sprintf(verb, d)
		if strings.Contains(got, first.Secret) || strings.Contains(got, fmt.Sprintf("%x", first.Secret)) {
			t.Errorf("%s shows the keys: %s", verb, got)
		}
	}
}

// codeError is an answer with a code.
type codeError string

func (e codeError) Error() string { return string(e) }

const errExpired = codeError("Expired")

// cloud counts the calls by key, and refuses those of some keys.
type cloud struct {
	expired []string
	calls   []string
	opened  []string
	secrets [][]string
	inherit []string
}

func (c *cloud) open(set credentials.Set, secrets []string, previous backend.Driver) (backend.Driver, error) {
	if set.ID == "unusable" {
		return nil, errors.New("unusable keys")
	}
	c.opened, c.secrets = append(c.opened, set.ID), append(c.secrets, secrets)
	if p, ok := previous.(*driver); ok {
		c.inherit = append(c.inherit, p.id)
	}
	return &driver{cloud: c, id: set.ID}, nil
}

type driver struct {
	cloud *cloud
	id    string
}

func (d *driver) call(what string) error {
	d.cloud.calls = append(d.cloud.calls, what+" with "+d.id)
	if slices.Contains(d.cloud.expired, d.id) {
		return errExpired
	}
	return nil
}

func (d *driver) outcomes(what string, ids []string) []backend.Outcome {
	return slices.Repeat([]backend.Outcome{{Err: d.call(what)}}, len(ids))
}

func (d *driver) Describe(_ context.Context, ids []string) ([]backend.Instance, error) {
	if err := d.call("Describe"); err != nil {
		return nil, err
	}
	return []backend.Instance{{ID: ids[0]}}, nil
}

func (d *driver) Start(_ context.Context, ids []string) []backend.Outcome {
	return d.outcomes("Start", ids)
}

func (d *driver) Stop(_ context.Context, ids []string, _ backend.StopOptions) []backend.Outcome {
	return d.outcomes("Stop", ids)
}

func (d *driver) Reboot(_ context.Context, ids []string, _ backend.StopOptions) []backend.Outcome {
	return d.outcomes("Reboot", ids)
}

func (d *driver) DryRun(_ context.Context, _ backend.Op, ids []string, _ backend.StopOptions) []error {
	errs := make([]error, len(ids))
	for i, id := range ids {
		errs[i] = d.call("DryRun of " + id)
		if id == "locked" {
			errs[i] = codeError("Locked")
		}
	}
	return errs
}

func (d *driver) CheckAbsent(context.Context, string) error { return d.call("CheckAbsent") }

func (d *driver) ListPage(context.Context, backend.Filter, string) ([]backend.Instance, string, error) {
	return nil, "", d.call("ListPage")
}

func (d *driver) BatchSize() int                     { return 7 }
func (d *driver) Capabilities() backend.Capabilities { return backend.Capabilities{StopCharging: true} }

func (d *driver) Fault(err error) backend.Fault {
	var code codeError
	if errors.As(err, &code) {
		return backend.Fault{Kind: backend.KindDenied, Code: string(code)}
	}
	return backend.Fault{}
}

func newDriver(t *testing.T, c *cloud, s *source) backend.Driver {
	t.Helper()
	d, err := renewing.New(s.sets[0], renewing.Options{Keys: s, Expired: []string{"Expired"}, Open: c.open})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// use makes a call of one kind and returns its error.
type use struct {
	name string
	call func(ctx context.Context, d backend.Driver) error
}

func uses() []use {
	ids := []string{"a", "b"}
	return []use{
		{"Describe", func(ctx context.Context, d backend.Driver) error {
			_, err := d.Describe(ctx, ids)
			return err
		}},
		{"Start", func(ctx context.Context, d backend.Driver) error { return d.Start(ctx, ids)[1].Err }},
		{"Stop", func(ctx context.Context, d backend.Driver) error {
			return d.Stop(ctx, ids, backend.StopOptions{})[1].Err
		}},
		{"Reboot", func(ctx context.Context, d backend.Driver) error {
			return d.Reboot(ctx, ids, backend.StopOptions{})[1].Err
		}},
		{"DryRun of a", func(ctx context.Context, d backend.Driver) error {
			return as[backend.DryRunner](d).DryRun(ctx, backend.OpStop, ids[:1], backend.StopOptions{})[0]
		}},
		{"CheckAbsent", func(ctx context.Context, d backend.Driver) error {
			return as[backend.AbsenceChecker](d).CheckAbsent(ctx, "a")
		}},
		{"ListPage", func(ctx context.Context, d backend.Driver) error {
			_, _, err := as[backend.Lister](d).ListPage(ctx, backend.Filter{}, "")
			return err
		}},
	}
}

func TestExpiredKeysAreRenewedOnceAndTheCallIsMadeOnceMore(t *testing.T) {
	t.Parallel()
	for _, u := range uses() {
		t.Run(u.name, func(t *testing.T) {
			t.Parallel()
			for _, test := range []struct {
				name        string
				keys        []string
				expired     []string
				calls       []string
				invalidated int
				err         error
			}{
				{"good keys are used once", []string{"1", "2"}, nil, []string{"1"}, 0, nil},
				{"expired ones are renewed", []string{"1", "2"}, []string{"1"}, []string{"1", "2"}, 1, nil},
				{"a second refusal is the answer", []string{"1", "2", "3"}, []string{"1", "2"}, []string{"1", "2"}, 1, errExpired},
				{"keys that cannot be renewed are not used again", []string{"1"}, []string{"1"}, []string{"1"}, 1, errExpired},
			} {
				t.Run(test.name, func(t *testing.T) {
					t.Parallel()
					c, s := &cloud{expired: test.expired}, &source{sets: sets(test.keys...)}
					err := u.call(t.Context(), newDriver(t, c, s))
					var want []string
					for _, id := range test.calls {
						want = append(want, u.name+" with "+id)
					}
					if diff := cmp.Diff(c.calls, want); diff != "" {
						t.Errorf("calls (-got +want):\n%s", diff)
					}
					if !errors.Is(err, test.err) || s.invalidated != test.invalidated {
						t.Errorf("got %v and %d renewals, want %v and %d", err, s.invalidated, test.err, test.invalidated)
					}
				})
			}
		})
	}
}

func TestOnlyTheQuestionsThatWereRefusedAreAskedAgain(t *testing.T) {
	t.Parallel()
	c, s := &cloud{expired: []string{"1"}}, &source{sets: sets("1", "2")}
	errs := as[backend.DryRunner](newDriver(t, c, s)).DryRun(
		t.Context(), backend.OpStop, []string{"a", "locked", "b"}, backend.StopOptions{})
	want := []string{
		"DryRun of a with 1", "DryRun of locked with 1", "DryRun of b with 1", "DryRun of a with 2", "DryRun of b with 2",
	}
	if diff := cmp.Diff(c.calls, want); diff != "" {
		t.Errorf("calls (-got +want):\n%s", diff)
	}
	if errs[0] != nil || !errors.Is(errs[1], codeError("Locked")) || errs[2] != nil {
		t.Errorf("got %v, want an error of the second alone", errs)
	}
}

func TestRenewedKeysOpenADriverThatKnowsWhatCameBefore(t *testing.T) {
	t.Parallel()
	c, s := &cloud{}, &source{sets: sets("1", "2")}
	d := newDriver(t, c, s)
	for range 3 {
		if _, err := d.Describe(t.Context(), []string{"a"}); err != nil {
			t.Fatal(err)
		}
	}
	s.Invalidate(credentials.Set{}) // The keys were renewed before their end.
	for range 3 {
		if _, err := d.Describe(t.Context(), []string{"a"}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(c.opened, []string{"1", "2"}); diff != "" {
		t.Errorf("openings (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(c.inherit, []string{"1"}); diff != "" {
		t.Errorf("previous drivers (-got +want):\n%s", diff)
	}
	want := [][]string{
		{"token of 1", "secret of 1", "1"},
		{"token of 2", "secret of 2", "2", "token of 1", "secret of 1", "1"},
	}
	if diff := cmp.Diff(c.secrets, want); diff != "" {
		t.Errorf("secrets (-got +want):\n%s", diff)
	}
	if d.BatchSize() != 7 || !d.Capabilities().StopCharging {
		t.Errorf("got the batch size %d and %+v, want those of the cloud", d.BatchSize(), d.Capabilities())
	}
}

func TestWithoutKeysNoCallIsMade(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		err  error
		want backend.Fault
	}{
		{
			"a refusal",
			&credentials.Error{
				Kind: credentials.Denied, Problem: "no", Code: "NoPermission", RequestID: "r", Status: 403,
			},
			backend.Fault{Kind: backend.KindDenied, Code: "NoPermission", RequestID: "r", Status: 403},
		},
		{"an end", &credentials.Error{Kind: credentials.Expired, Problem: "no"}, backend.Fault{Kind: backend.KindDenied}},
		{
			"a rate", &credentials.Error{Kind: credentials.Throttled, Problem: "no"},
			backend.Fault{Kind: backend.KindThrottled},
		},
		{
			"no service there", &credentials.Error{Kind: credentials.Unavailable, Problem: "no"},
			backend.Fault{Kind: backend.KindUnavailable, Unreachable: true},
		},
		{
			"a failure of the service", &credentials.Error{Kind: credentials.Unavailable, Problem: "no", Status: 500},
			backend.Fault{Kind: backend.KindUnavailable, Status: 500},
		},
		{
			"a missing set", &credentials.Error{Kind: credentials.Missing, Problem: "no"},
			backend.Fault{Kind: backend.KindInvalid},
		},
		{"something else", &credentials.Error{Problem: "no"}, backend.Fault{Kind: backend.KindOther}},
		{"an interrupt", context.Canceled, backend.Fault{Kind: backend.KindUnavailable, Unreachable: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, u := range uses() {
				c, s := &cloud{}, &source{sets: sets("1")}
				d := newDriver(t, c, s)
				s.err = test.err
				err := u.call(t.Context(), d)
				got := d.Fault(err)
				want := test.want
				want.Unsent, want.Message = true, "there are no credentials for the call: "+test.err.Error()
				if errors.Is(test.err, context.Canceled) {
					want.Message = test.err.Error()
				}
				if diff := cmp.Diff(got, want); diff != "" || !errors.Is(err, test.err) {
					t.Errorf("%s: error %v, fault (-got +want):\n%s", u.name, err, diff)
				}
				if len(c.calls) > 0 {
					t.Errorf("%s: got the calls %q, want none", u.name, c.calls)
				}
			}
		})
	}
}

func TestKeysThatOpenNoDriverAreAnError(t *testing.T) {
	t.Parallel()
	c := &cloud{}
	if _, err := renewing.New(sets("unusable")[0], renewing.Options{Open: c.open}); err == nil {
		t.Error("the first keys open no driver, and New returns no error")
	}
	s := &source{sets: sets("1", "unusable")}
	d := newDriver(t, c, s)
	s.Invalidate(credentials.Set{})
	_, err := d.Describe(t.Context(), []string{"a"})
	if fault := d.Fault(err); fault.Kind != backend.KindInvalid || !fault.Unsent || len(c.calls) > 0 {
		t.Errorf("got %v, %+v and %q, want an invalid call that was not sent", err, fault, c.calls)
	}
}

// The parts of a driver without some of the optional interfaces.
type (
	plain   struct{ backend.Driver }
	dry     struct{ backend.DryRunner }
	absence struct{ backend.AbsenceChecker }
	list    struct{ backend.Lister }
)

func TestTheOptionalInterfacesAreThoseOfTheCloud(t *testing.T) {
	t.Parallel()
	d := new(driver)
	for _, inner := range []backend.Driver{
		plain{d},
		struct {
			plain
			dry
		}{plain{d}, dry{d}},
		struct {
			plain
			absence
		}{plain{d}, absence{d}},
		struct {
			plain
			list
		}{plain{d}, list{d}},
		struct {
			plain
			dry
			absence
		}{plain{d}, dry{d}, absence{d}},
		struct {
			plain
			dry
			list
		}{plain{d}, dry{d}, list{d}},
		struct {
			plain
			absence
			list
		}{plain{d}, absence{d}, list{d}},
		d,
	} {
		outer, err := renewing.New(credentials.Set{}, renewing.Options{
			Open: func(credentials.Set, []string, backend.Driver) (backend.Driver, error) { return inner, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		able := func(d backend.Driver) [3]bool {
			_, dry := d.(backend.DryRunner)
			_, absence := d.(backend.AbsenceChecker)
			_, list := d.(backend.Lister)
			return [3]bool{dry, absence, list}
		}
		if able(outer) != able(inner) {
			t.Errorf("got %v of %v", able(outer), able(inner))
		}
	}
}

// as returns a driver as what it can do besides.
func as[T any](d backend.Driver) T {
	able, ok := d.(T)
	if !ok {
		panic(fmt.Sprintf("%T cannot do it", d))
	}
	return able
}
