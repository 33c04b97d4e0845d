package provider

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// row is one trouble of one instance: what goes wrong, what the resource asks
// for, and what must come of it in the end.
type row struct {
	name string
	// not names the services, or clouds, that cannot have it, and why.
	not map[string]string
	// starts makes it a start of a stopped instance, in place of a stop.
	starts bool
	// edit changes the instance before anything else.
	edit func(*simulator.Instance)
	// gone takes the instance away again.
	gone bool
	// troubles are put on the instance.
	troubles []simulator.Trouble
	// lines are further attributes of the resource.
	lines []string
	// says is what the error says on every cloud, and clouds what it says beside
	// that on one. With neither the apply succeeds.
	says   []string
	clouds map[string][]string
	// code is the cloud's code in the error, by service or cloud; its request id
	// must be there too.
	code map[string]string
	// writes are how many writes there are in all, after the next apply too, or
	// anyNumber.
	writes int
	// writesOn has other numbers for services where they differ.
	writesOn map[string]int
	// forced permits to cut the power.
	forced bool
	// check checks more, after the first apply.
	check func(t *testing.T, h *harness, id string)
	// lasting says that the next apply, without the troubles, is not tried.
	lasting bool
}

// anyNumber of writes is right where the pauses between them are random.
const anyNumber = -1

// on returns the entry of a service, or else that of its cloud.
func on[T any](h *harness, table map[string]T) (value T, ok bool) {
	if value, ok = table[h.name]; ok {
		return value, ok
	}
	value, ok = table[h.cloud]
	return value, ok
}

// subject is a row that has an instance.
type subject struct {
	row
	id, key string
}

func (s *subject) address() string { return "instance_power_state." + s.key }

// subjects makes an instance for each row that the service can have, and puts
// the troubles of the row on it.
func (h *harness) subjects(rows []row) []*subject {
	h.t.Helper()
	var all []*subject
	for i, r := range rows {
		if reason, impossible := on(h, r.not); impossible {
			h.t.Logf("%s is not for %s: %s", r.name, h.name, reason)
			continue
		}
		s := &subject{row: r, key: fmt.Sprintf("row%d", i)}
		s.id = h.running()
		if r.starts {
			s.id = h.stopped()
		}
		if r.edit != nil {
			h.change(s.id, r.edit)
		}
		if r.gone {
			h.sim.Remove(s.id)
		}
		for _, trouble := range r.troubles {
			trouble.InstanceIDs = []string{s.id}
			h.trouble(trouble)
		}
		if r.forced {
			h.mayForce(s.id)
		}
		all = append(all, s)
	}
	return all
}

// resources are the resources of the subjects.
func resources(subjects []*subject) string {
	var text strings.Builder
	for _, s := range subjects {
		state := "stopped"
		if s.starts {
			state = "running"
		}
		lines := s.lines
		if !strings.Contains(strings.Join(lines, "\n"), "timeouts") {
			// A bug ends the test, and does not hang it.
			lines = append(slices.Clone(lines), "timeouts {\n create = \"40s\"\n read = \"40s\"\n}")
		}
		text.WriteString(named(s.key, s.id, state, lines...))
	}
	return text.String()
}

// applyRows applies all rows at once and checks each, then takes the troubles
// away and checks that the next apply converges.
func (h *harness) applyRows(rows []row) {
	h.t.Helper()
	subjects := h.subjects(rows)
	if len(subjects) == 0 {
		return
	}
	c := h.here(h.apart(resources(subjects)))
	first := c.do("apply")
	state := c.attributes()
	for _, s := range subjects {
		h.t.Run(s.name, func(t *testing.T) {
			h.judge(t, s, first, state)
			if t.Failed() {
				t.Logf("the log:%s", describeCalls(h.callsOf(s.id)))
			}
		})
	}
	h.sim.ClearTroubles()
	lasting := slices.DeleteFunc(slices.Clone(subjects), func(s *subject) bool { return !s.lasting })
	if len(lasting) > 0 {
		subjects = slices.DeleteFunc(subjects, func(s *subject) bool { return s.lasting })
		c.configure(h.apart(resources(subjects)))
	}
	c.do("apply").succeeded(h.t)
	for _, s := range append(subjects, lasting...) {
		want := h.sim.Words().Stopped
		if s.starts {
			want = h.sim.Words().Running
		}
		if got := h.status(s.id); got != want && !s.lasting {
			h.t.Errorf("%s: after the next apply the instance is %q, want %q", s.name, got, want)
		}
		writes := s.writes
		if n, ok := on(h, s.writesOn); ok {
			writes = n
		}
		if got := h.writesOf(s.id); len(got) != writes && writes != anyNumber {
			h.t.Errorf("%s: got %d writes, want %d:%s", s.name, len(got), writes, describeCalls(h.callsOf(s.id)))
		}
	}
}

// judge checks what one row came to in the first apply.
func (h *harness) judge(t *testing.T, s *subject, o outcome, state map[string]map[string]any) {
	t.Helper()
	if s.check != nil {
		defer s.check(t, h, s.id)
	}
	own, particular := on(h, s.clouds)
	code, coded := on(h, s.code)
	if len(s.says) == 0 && !particular && !coded {
		for _, text := range o.errors(s.address()) {
			t.Errorf("the apply failed:\n%s", text)
		}
		if state[s.address()] == nil {
			t.Error("the resource is not in the state")
		}
		return
	}
	wants := append(slices.Clone(s.says), own...)
	wants = append(wants, fmt.Sprintf("instance %q", s.id))
	if coded {
		wants = append(wants, "Code: "+code)
	}
	o.hasError(t, s.address(), wants...)
	if state[s.address()] != nil {
		t.Error("a create that failed is in the state")
	}
	if coded {
		h.hasRequestID(t, s, strings.Join(o.errors(s.address()), "\n"))
	}
}

var requestIDLine = regexp.MustCompile(`Request id: +(\S+)`)

// hasRequestID checks that a text has the request id of a call about the
// instance.
func (h *harness) hasRequestID(t *testing.T, s *subject, text string) {
	t.Helper()
	found := requestIDLine.FindStringSubmatch(text)
	if found == nil {
		t.Errorf("there is no request id in\n%s", text)
		return
	}
	for _, call := range h.callsOf(s.id) {
		if call.RequestID == found[1] {
			return
		}
	}
	t.Errorf("the request id %s is not of a call about %s", found[1], s.id)
}

// callsOf are the calls that named an instance, in order.
func (h *harness) callsOf(id string) []simulator.Call {
	return slices.DeleteFunc(h.sim.Calls(0), func(k simulator.Call) bool { return !slices.Contains(k.InstanceIDs, id) })
}

// refuseInPlan plans and applies all rows and checks that each is refused, and that
// nothing was written.
func (h *harness) refuseInPlan(rows []row) {
	h.t.Helper()
	subjects := h.subjects(rows)
	if len(subjects) == 0 {
		return
	}
	c := h.here(h.apart(resources(subjects)))
	if plan := c.do("plan"); plan.err == nil {
		// What an instance shows is a warning in the plan.
		for _, s := range subjects {
			got := strings.Join(plan.warnings(s.address()), "\n")
			if !strings.Contains(got, fmt.Sprintf("Apply will fail for instance %q", s.id)) {
				h.t.Errorf("%s: the plan does not warn that the apply will fail:\n%s", s.name, got)
			}
		}
	}
	o := c.do("apply")
	for _, s := range subjects {
		h.t.Run(s.name, func(t *testing.T) {
			own, _ := on(h, s.clouds)
			o.hasError(t, s.address(), append(slices.Clone(s.says), own...)...)
			if s.check != nil {
				s.check(t, h, s.id)
			}
		})
	}
	if got := h.writes(); got != 0 {
		h.t.Errorf("got %d writes by a run that was refused, want 0", got)
	}
}

// all is a table with the same entry for each of the names.
func all[T any](value T, names ...string) map[string]T {
	table := map[string]T{}
	for _, name := range names {
		table[name] = value
	}
	return table
}
