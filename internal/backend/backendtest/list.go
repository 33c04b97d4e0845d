package backendtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func lister(t *testing.T, d backend.Driver) backend.Lister {
	t.Helper()
	l, ok := d.(backend.Lister)
	if !ok {
		t.Skip("this cloud cannot be listed")
	}
	return l
}

// manyPages ends a listing that does not end by itself.
const manyPages = 5000

// list reads a listing to its end. An instance that several pages show counts
// once.
func (h Harness) list(t *testing.T, filter backend.Filter) []backend.Instance {
	t.Helper()
	l := lister(t, h.Driver)
	var found []backend.Instance
	seen, cursor := map[string]bool{}, ""
	for range manyPages {
		page, next, err := l.ListPage(t.Context(), filter, cursor)
		if err != nil {
			t.Fatalf("list from the cursor %q: %s", cursor, h.show(err))
		}
		for _, in := range page {
			if !seen[in.ID] {
				seen[in.ID] = true
				found = append(found, in)
			}
		}
		if next == "" {
			return found
		}
		cursor = next
	}
	t.Fatalf("the listing does not end after %d pages", manyPages)
	return nil
}

func (h Harness) wantListed(t *testing.T, filter backend.Filter, want ...string) {
	t.Helper()
	got := slices.Sorted(slices.Values(idsOf(h.list(t, filter))))
	slices.Sort(want)
	if diff := cmp.Diff(got, slices.Concat([]string(nil), want)); diff != "" {
		t.Errorf("listed by %+v (-got +want):\n%s", filter, diff)
	}
}

// seedNamed makes one running instance.
func (h Harness) seedNamed(t *testing.T, name string, tags map[string]string) string {
	t.Helper()
	return h.seed(t, 1, Seed{State: backend.Running, Name: name, Tags: tags})[0]
}

var listTests = []test{
	{"shows all instances, over many pages, and no page is much longer than 100", func(t *testing.T, h Harness) {
		l := lister(t, h.Driver)
		ids := h.IDs(230)
		h.Seed(t, ids, Seed{State: backend.Running})
		h.wantListed(t, backend.Filter{}, ids...)
		page, next, err := l.ListPage(t.Context(), backend.Filter{}, "")
		if err != nil {
			t.Fatal(h.show(err))
		}
		if len(page) > 150 || next == "" {
			t.Errorf("the first page has %d of %d instances and the cursor %q, want about 100 and a cursor", len(page), len(ids),
				next)
		}
	}},
	{"ends with an empty cursor where there is nothing", func(t *testing.T, h Harness) {
		h.wantListed(t, backend.Filter{})
		h.wantListed(t, backend.Filter{Name: "web-*", Tags: map[string]string{"env": "prod"}})
	}},
	{"shows an instance as describe does, in whatever state", func(t *testing.T, h Harness) {
		for _, state := range []backend.State{backend.Running, backend.Stopped, backend.Starting, backend.Stopping} {
			id := h.seed(t, 1, Seed{
				State: state, Name: "as-" + state.String(), Tags: map[string]string{"state": state.String()},
			})[0]
			listed := h.list(t, backend.Filter{Name: "as-" + state.String()})
			if diff := cmp.Diff(listed, h.observe(t, id)); diff != "" {
				t.Errorf("an instance that is %v, as listed and as described (-listed +described):\n%s", state, diff)
			}
		}
	}},
	{"changes nothing", func(t *testing.T, h Harness) {
		id := h.seedIn(t, backend.Running)
		h.wantListed(t, backend.Filter{}, id)
		h.Settle(t)
		h.wantStates(t, []string{id}, backend.Running)
		if got := h.Writes(); len(got) != 0 {
			t.Errorf("these writes arrived: %+v", got)
		}
	}},
	{"finds by name, in which a star stands for any characters", func(t *testing.T, h Harness) {
		web := h.seedNamed(t, "web-eu-1", nil)
		other := h.seedNamed(t, "web-us-1", nil)
		longer := h.seedNamed(t, "web-eu-10", nil)
		db := h.seedNamed(t, "db-web-eu-1", nil)
		for pattern, want := range map[string][]string{
			"web-eu-1":   {web},
			"web-*":      {web, other, longer},
			"*-1":        {web, other, db},
			"*eu*":       {web, longer, db},
			"web*1":      {web, other},
			"web-eu-1*":  {web, longer},
			"*":          {web, other, longer, db},
			"web":        nil,
			"WEB-eu-1":   nil,
			"web-eu-1**": {web, longer},
		} {
			h.wantListed(t, backend.Filter{Name: pattern}, want...)
		}
	}},
	{"finds by tags, all of which must be there, and with an empty value for any", func(t *testing.T, h Harness) {
		both := h.seedNamed(t, "both", map[string]string{"env": "prod", "tier": "web"})
		one := h.seedNamed(t, "one", map[string]string{"env": "prod"})
		other := h.seedNamed(t, "other", map[string]string{"env": "test", "tier": "web"})
		h.seedNamed(t, "none", nil)
		for _, find := range []struct {
			tags map[string]string
			want []string
		}{
			{map[string]string{"env": "prod"}, []string{both, one}},
			{map[string]string{"env": "prod", "tier": "web"}, []string{both}},
			{map[string]string{"env": ""}, []string{both, one, other}},
			{map[string]string{"env": "", "tier": ""}, []string{both, other}},
			{map[string]string{"env": "test", "tier": ""}, []string{other}},
			{map[string]string{"env": "PROD"}, nil},
			{map[string]string{"owner": ""}, nil},
		} {
			h.wantListed(t, backend.Filter{Tags: find.tags}, find.want...)
		}
		h.wantListed(t, backend.Filter{Name: "o*", Tags: map[string]string{"tier": "web"}}, other)
	}},
	{"finds all that have a tag, however many", func(t *testing.T, h Harness) {
		const n = 1050
		h.seedNamed(t, "stranger", nil)
		ids := h.IDs(n)
		h.Seed(t, ids, Seed{State: backend.Running, Name: "many", Tags: map[string]string{"env": "prod"}})
		h.wantListed(t, backend.Filter{Tags: map[string]string{"env": "prod"}}, ids...)
	}},
	{"goes on from a cursor that was asked for in vain", func(t *testing.T, h Harness) {
		l := lister(t, h.Driver)
		ids := h.IDs(150)
		h.Seed(t, ids, Seed{State: backend.Running})
		first, next, err := l.ListPage(t.Context(), backend.Filter{}, "")
		if err != nil || next == "" {
			t.Fatalf("the first page: %v, the cursor %q", err, next)
		}
		h.Throttle(t, 0)
		_, _, err = l.ListPage(t.Context(), backend.Filter{}, next)
		h.wantKind(t, err, backend.KindThrottled)
		seen := idsOf(first)
		for range manyPages {
			page, cursor, err := l.ListPage(t.Context(), backend.Filter{}, next)
			if err != nil {
				t.Fatal(h.show(err))
			}
			seen = append(seen, idsOf(page)...)
			if next = cursor; next == "" {
				break
			}
		}
		slices.Sort(seen)
		if diff := cmp.Diff(slices.Compact(seen), slices.Sorted(slices.Values(ids))); diff != "" {
			t.Errorf("ids (-got +want):\n%s", diff)
		}
	}},
	{"is no empty listing when the cloud refuses or fails", func(t *testing.T, h Harness) {
		l := lister(t, h.Driver)
		h.seedIn(t, backend.Running)
		for _, failure := range []struct {
			arrange func(t *testing.T)
			want    backend.Kind
		}{
			{func(t *testing.T) { t.Helper(); h.Throttle(t, 3*time.Second) }, backend.KindThrottled},
			{h.Forbid, backend.KindDenied},
			{h.ServerError, backend.KindUnavailable},
			{h.Page, backend.KindUnavailable},
			{h.Disconnect, backend.KindUnavailable},
		} {
			failure.arrange(t)
			page, next, err := l.ListPage(t.Context(), backend.Filter{}, "")
			wantWholeFault(t, h.wantKind(t, err, failure.want))
			if len(page) > 0 || next != "" {
				t.Errorf("beside the error %v there are %d instances and the cursor %q", err, len(page), next)
			}
		}
		_, _, err := lister(t, h.WrongSecret).ListPage(t.Context(), backend.Filter{}, "")
		h.wantKind(t, err, backend.KindDenied)
	}},
	{"ends at once when its context ends, and sends nothing after it", func(t *testing.T, h Harness) {
		l := lister(t, h.Driver)
		h.seedIn(t, backend.Running)
		for _, want := range []error{context.Canceled, context.DeadlineExceeded} {
			h.Hang(t)
			ctx, cancel := givingUp(t, want)
			defer cancel()
			done := make(chan error, 1)
			go func() {
				_, _, err := l.ListPage(ctx, backend.Filter{}, "")
				done <- err
			}()
			select {
			case err := <-done:
				if h.wantKind(t, err, backend.KindUnavailable); !errors.Is(err, want) {
					t.Errorf("error is %v, want one that is %v", err, want)
				}
			case <-time.After(soon + atOnce):
				t.Fatalf("the call goes on %v after its context ended", atOnce)
			}
			if _, _, err := l.ListPage(ctx, backend.Filter{}, ""); !errors.Is(err, want) {
				t.Errorf("with a context that has ended the error is %v, want one that is %v", err, want)
			}
		}
	}},
	{"can be asked for pages concurrently", func(t *testing.T, h Harness) {
		l := lister(t, h.Driver)
		id := h.seedIn(t, backend.Running)
		errs := make(chan error)
		for range 5 {
			go func() {
				page, _, err := l.ListPage(t.Context(), backend.Filter{}, "")
				if err == nil && !slices.Equal(idsOf(page), []string{id}) {
					err = fmt.Errorf("got %q, want %q", idsOf(page), id)
				}
				errs <- err
			}()
		}
		for range 5 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	}},
}
