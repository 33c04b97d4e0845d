package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// batchSize is how many resources the tests of batches have.
const batchSize = 12

// tooLong is what the bad one says that is never taken.
const tooLong = "The time limit of 8s (`timeouts.create`) passed before the cloud reported the instance as stopped."

// bad is what is wrong with one of them.
type bad struct {
	name string
	not  map[string]string
	// id is the bad one's when it has no instance.
	id string
	// trouble is put on it.
	trouble *simulator.Trouble
	// set changes the simulator.
	set func(h *harness)
	// says is what its error says on every cloud, clouds on one.
	says   []string
	clouds map[string][]string
	// most is how many writes may name a good one.
	most int
}

func bads(h *harness) []bad {
	denied := &simulator.Trouble{
		Kind:    simulator.Error,
		Action:  "write",
		Code:    deniedCode(h),
		Status:  403,
		Message: "That is not permitted.",
	}
	code := "Code: " + deniedCode(h)
	return []bad{
		{name: "nothing", most: 1},
		{
			name: "it does not exist", id: fresh(h), most: 1,
			says: []string{"There is no such instance"},
		},
		{
			name: "its id is malformed", id: fresh(h)[:6], most: 4, // A describe that is refused is split too.
			clouds: map[string][]string{
				"tencentcloud": {"Code: InvalidInstanceId.Malformed"}, "alicloud": {"There is no such instance"},
				"volcengine": {"There is no such instance"}, "zenlayercloud": {"There is no such instance"},
			},
		},
		{name: "it is not permitted, and the cloud names it", trouble: denied, most: 2, says: []string{code}},
		{
			// Halves, until it is found.
			name: "it is not permitted, and the cloud does not name it", trouble: denied, most: 8, says: []string{code},
		},
		{
			name: "it is locked", trouble: &simulator.Trouble{Kind: simulator.Lock, Word: "security"}, most: 2,
			clouds: map[string][]string{
				"tencentcloud":  {"Code: UnsupportedOperation.InstanceStateBanning"},
				"alicloud":      {"Code: InstanceLockedForSecurity"},
				"volcengine":    {tooLong, "Code: OperationDenied.ResourceLocked"},
				"zenlayercloud": {tooLong},
			},
		},
		{
			name: "it is busy", trouble: &simulator.Trouble{Kind: simulator.Busy}, most: 2,
			says: []string{tooLong, "The cloud refused the stop until then:"},
		},
		{
			name:    "it is busy, and the cloud does not name it",
			trouble: &simulator.Trouble{Kind: simulator.Busy, Message: "Try again."},
			most:    8,
			says:    []string{tooLong, "The cloud refused the stop until then:"},
		},
		{
			name:    "it is busy, and the cloud has operated the others",
			trouble: &simulator.Trouble{Kind: simulator.Busy},
			most:    2,
			not:     all("its answers tell what became of each", "alicloud", "volcengine", "zenlayercloud zec"),
			set:     func(h *harness) { h.setting("batch", "partial") },
			says:    []string{tooLong},
		},
	}
}

// fresh is an id in the cloud's form that no instance has.
func fresh(h *harness) string {
	id := h.running()
	h.sim.Remove(id)
	return id
}

// TestEndToEndBatches: twelve resources are stopped by one call, and one that
// cannot be does not keep the others from it.
func TestEndToEndBatches(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		for _, b := range bads(h) {
			if reason, impossible := on(h, b.not); impossible {
				t.Logf("%q is not for %s: %s", b.name, h.name, reason)
				continue
			}
			t.Run(b.name, func(t *testing.T) {
				if b.set != nil {
					b.set(h)
				}
				own := *h
				own.t, own.next = t, h.next+1
				own.batch(t, b)
				h.next = own.next
				h.sim.ClearTroubles()
				h.sim.ForgetCalls()
			})
		}
	})
}

func (h *harness) batch(t *testing.T, b bad) {
	t.Helper()
	var good []string
	for range batchSize {
		good = append(good, h.running())
	}
	ids, culprit := slices.Clone(good), ""
	switch {
	case b.id != "":
		culprit, good = b.id, good[1:]
		ids[0] = culprit
	case b.trouble != nil:
		culprit = good[batchSize/2]
		good = slices.DeleteFunc(good, func(id string) bool { return id == culprit })
		trouble := *b.trouble
		trouble.InstanceIDs = []string{culprit}
		if strings.Contains(b.name, "names it") && !strings.Contains(b.name, "not name") {
			trouble.Message = fmt.Sprintf("That is not permitted on %s.", culprit)
		}
		h.trouble(trouble)
	}
	var list strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&list, "%q, ", id)
	}
	h.sim.LimitRates(false)
	c := h.here(h.fast("batch_window = \"400ms\"\npreflight = \"off\"",
		fmt.Sprintf("resource \"instance_power_state\" \"fleet\" {\n"+
			" for_each = toset([%s])\n instance_id = each.value\n state = \"stopped\"\n timeouts {\n"+
			" create = each.value == %q ? \"8s\" : \"1m\"\n }\n}\n", list.String(), culprit)))
	o := c.do("apply")
	state := c.attributes()
	address := func(id string) string { return fmt.Sprintf("instance_power_state.fleet[%q]", id) }
	for _, id := range good {
		if texts := o.errors(address(id)); len(texts) > 0 {
			t.Errorf("%s failed with the bad one:\n%s", id, texts[0])
		}
		if state[address(id)] == nil || h.status(id) != h.sim.Words().Stopped {
			t.Errorf("%s is %q and its resource %v; want it stopped and in the state", id, h.status(id), state[address(id)])
		}
		oneEffect(t, h, id)
	}
	if culprit == "" {
		o.succeeded(t)
	} else {
		o.hasError(t, address(culprit),
			append(append([]string{fmt.Sprintf("instance %q", culprit)}, b.says...), b.clouds[h.cloud]...)...)
	}
	writes := slices.DeleteFunc(h.sim.Calls(0), func(k simulator.Call) bool {
		return !k.Op.Write() || !slices.ContainsFunc(k.InstanceIDs, func(id string) bool { return slices.Contains(good, id) })
	})
	most := b.most
	if most == 0 {
		most = 1
	}
	// A busy machine's CLI may hand out the resources in several lots, further
	// apart than any window.
	most += lots(h.sim.Calls(0)) - 1
	if len(writes) > most {
		t.Errorf("got %d writes for the %d good ones, want at most %d:%s", len(writes), len(good), most,
			describeCalls(writes))
	}
	if !slices.ContainsFunc(writes, func(k simulator.Call) bool { return len(k.InstanceIDs) > 1 }) {
		t.Errorf("no write names several instances: nothing was joined:%s", describeCalls(writes))
	}
	if t.Failed() {
		t.Logf("the log:%s", describeCalls(h.sim.Calls(0)))
	}
}

// lots counts the describes that showed an instance for the first time.
func lots(calls []simulator.Call) int {
	n, seen := 0, map[string]bool{}
	for _, k := range calls {
		first := false
		for _, id := range k.InstanceIDs {
			if k.Op == simulator.OpDescribe && !seen[id] {
				seen[id], first = true, true
			}
		}
		if first {
			n++
		}
	}
	return n
}

// lotsBeforeStops counts the describes that were the last before a stop, for one of the
// instances that it named.
func lotsBeforeStops(calls []simulator.Call) int {
	last, lots := map[string]int{}, map[int]bool{}
	for i, k := range calls {
		for _, id := range k.InstanceIDs {
			if k.Op == simulator.OpStop {
				lots[last[id]] = true
			} else {
				last[id] = i
			}
		}
	}
	return len(lots)
}

// TestEndToEndBatchAtTheCLIsOwnPace: the CLI works on ten resources at a time
// unless told otherwise.
func TestEndToEndBatchAtTheCLIsOwnPace(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		ids, err := h.sim.SeedBulk(simulator.Bulk{Count: 20, First: 100, IDPattern: h.idPattern, Template: h.like})
		if err != nil {
			t.Fatal(err)
		}
		c := h.here(h.hclWith("batch_window = \"3s\"", fmt.Sprintf(
			"resource \"instance_power_state\" \"fleet\" {\n count = 20\n instance_id = %s[count.index]\n"+
				" state = \"stopped\"\n}\n", strings.ReplaceAll(fmt.Sprintf("%q", ids), " ", ", "))))
		if out, err := c.run("apply", "-auto-approve", "-no-color"); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for _, id := range ids {
			h.isStopped(id)()
		}
		// One for each ten, and for each further lot of a busy machine's CLI: what was read
		// together is stopped together.
		if got, most := h.writes(), min(max(2, lotsBeforeStops(h.sim.Calls(0))), 4); got > most {
			t.Errorf("got %d stops for 20 resources, want at most %d:%s", got, most, describeCalls(h.sim.Calls(0)))
		}
		if !slices.ContainsFunc(h.sim.Calls(0),
			func(k simulator.Call) bool { return k.Op.Write() && len(k.InstanceIDs) > 1 }) {
			t.Errorf("no stop names several instances: nothing was joined:%s", describeCalls(h.sim.Calls(0)))
		}
	})
}

// TestEndToEndFleetOverAPage: a describe of more ids than a page has by default
// loses none.
func TestEndToEndFleetOverAPage(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		ids, err := h.sim.SeedBulk(simulator.Bulk{Count: 130, First: 100, IDPattern: h.idPattern, Template: h.like})
		if err != nil {
			t.Fatal(err)
		}
		c := h.here(h.hcl(fmt.Sprintf("resource \"instance_fleet_power_state\" \"all\" {\n instance_ids = %s\n"+
			" state = \"stopped\"\n}\n",
			strings.ReplaceAll(fmt.Sprintf("%q", ids), " ", ", "))))
		c.do("apply").succeeded(t)
		for _, id := range ids {
			h.isStopped(id)()
		}
		if got, most := h.writes(), 4; got > most {
			t.Errorf("got %d stops of 130 instances, want 2, and at most %d on a slow machine", got, most)
		}
		if again := c.do("plan"); len(again.planned) != 0 || again.err != nil {
			t.Errorf("the next plan has changes or fails: %v, %v", again.planned, again.err)
		}
	})
}
