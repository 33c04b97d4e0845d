package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Seed puts instances into the cloud, in place of those with the same ids. What
// an instance leaves out gets a sensible value: running, the first region, a
// private address. One that is seeded in a word of transition (starting,
// stopping, rebooting) comes to its end after the cloud's duration; one that is
// seeded in any other word stays there.
func (c *Cloud) Seed(instances ...Instance) error {
	for _, i := range instances {
		if i.ID == "" {
			return errors.New("an instance needs an id")
		}
		if err := c.checkRegion(i); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, i := range instances {
		c.seed(i.clone())
	}
	return nil
}

func (c *Cloud) seed(i Instance) {
	now := time.Now()
	if i.Region == "" && len(c.regions) > 0 {
		i.Region = c.regions[0]
	}
	if i.Zone == "" {
		i.Zone = i.Region + c.words.Zone
	}
	setDefault(&i.Name, i.ID)
	setDefault(&i.Type, c.words.Type)
	setDefault(&i.Status, c.words.Running)
	setDefault(&i.ChargeType, c.words.ChargeType)
	if i.PrivateIP == "" {
		i.PrivateIP = c.nextAddress("10")
	}
	if i.CreatedAt.IsZero() {
		i.CreatedAt = now
	}
	rec := &record{inst: i}
	w := c.words
	d := c.durationsOf(rec)
	switch i.Status {
	case w.Starting:
		rec.move = &move{
			order: Order{Op: OpStart}, ends: now.Add(d.Start.Std()), steps: []string{w.Starting}, target: w.Running,
		}
	case w.Stopping:
		rec.move = &move{
			order: Order{Op: OpStop}, ends: now.Add(d.Stop.Std()), steps: []string{w.Stopping}, target: w.Stopped,
			mode: i.StoppedMode,
		}
	case w.Rebooting:
		rec.move = &move{
			order: Order{Op: OpReboot}, ends: now.Add(d.Reboot.Std()), steps: []string{w.Rebooting}, target: w.Running,
		}
	}
	if rec.move != nil {
		rec.move.began = now
	}
	rec.remember(time.Time{})
	if old, known := c.records[i.ID]; known {
		rec.place = old.place
	} else {
		c.places++
		rec.place = c.places
		c.order = append(c.order, place{i.ID, rec.place})
	}
	c.records[i.ID] = rec
}

// place is that of an instance in the order of seeding. It stays there when the
// instance is removed, until many are left by such instances: a hundred thousand that
// disappear at once would take minutes otherwise.
type place struct {
	id     string
	number int
}

// ids returns the ids of all instances in the order of seeding.
func (c *Cloud) ids() []string {
	all := make([]string, 0, len(c.records))
	for _, p := range c.order {
		if c.holds(p) {
			all = append(all, p.id)
		}
	}
	return all
}

// holds reports whether an instance is still at its place.
func (c *Cloud) holds(p place) bool {
	rec, known := c.records[p.id]
	return known && rec.place == p.number
}

func setDefault(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// nextAddress makes addresses that no two instances share, in a network that
// belongs to nobody: "10", or "198" for the one set aside for benchmarks
// (RFC 2544).
func (c *Cloud) nextAddress(network string) string {
	c.addressSeq++
	n := c.addressSeq
	second := n / 62500 % 250
	if network == "198" {
		second = 18 + second%2
	}
	return fmt.Sprintf("%s.%d.%d.%d", network, second, n/250%250, n%250+1)
}

// Bulk describes many instances that differ in their number alone. A run of
// "#" in IDPattern and NamePattern stands for the number, filled with zeros to
// the length of the run.
type Bulk struct {
	Count       int      `json:"count"`
	First       int      `json:"first,omitempty"`
	IDPattern   string   `json:"id_pattern"`
	NamePattern string   `json:"name_pattern,omitempty"`
	Template    Instance `json:"template,omitzero"`
}

// SeedBulk seeds the instances that b describes and returns their ids.
func (c *Cloud) SeedBulk(b Bulk) ([]string, error) {
	instances, err := b.instances()
	if err != nil {
		return nil, err
	}
	return idsOf(instances), c.Seed(instances...)
}

func idsOf(instances []Instance) []string {
	ids := make([]string, len(instances))
	for n, i := range instances {
		ids[n] = i.ID
	}
	return ids
}

// instances are those that b describes.
func (b Bulk) instances() ([]Instance, error) {
	if b.Count < 1 || b.Count > 100_000 {
		return nil, fmt.Errorf("count must be from 1 to 100000, not %d", b.Count)
	}
	if !strings.Contains(b.IDPattern, "#") {
		return nil, fmt.Errorf("id_pattern %q needs a run of # for the number", b.IDPattern)
	}
	instances := make([]Instance, b.Count)
	for n := range instances {
		i := b.Template.clone()
		i.ID = number(b.IDPattern, b.First+n)
		if b.NamePattern != "" {
			i.Name = number(b.NamePattern, b.First+n)
		}
		instances[n] = i
	}
	return instances, nil
}

func number(pattern string, n int) string {
	start := strings.IndexByte(pattern, '#')
	if start < 0 {
		return pattern
	}
	end := start
	for end < len(pattern) && pattern[end] == '#' {
		end++
	}
	return fmt.Sprintf("%s%0*d%s", pattern[:start], end-start, n, pattern[end:])
}

// Instances returns the instances as they are now, without the troubles that
// blur what a caller of the cloud sees, in the order of their seeding.
func (c *Cloud) Instances() []Instance {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.instances(time.Now())
}

// instances is Instances with the lock held.
func (c *Cloud) instances(now time.Time) []Instance {
	all := make([]Instance, 0, len(c.records))
	for _, id := range c.ids() {
		if rec := c.settled(id, now); rec != nil {
			all = append(all, rec.truth(now))
		}
	}
	return all
}

// Count returns how many instances there are now.
func (c *Cloud) Count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, n := time.Now(), 0
	for _, id := range c.ids() {
		if c.settled(id, now) != nil {
			n++
		}
	}
	return n
}

// Instance returns one instance as it is now; see Instances.
func (c *Cloud) Instance(id string) (Instance, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	rec := c.settled(id, now)
	if rec == nil {
		return Instance{}, false
	}
	return rec.truth(now), true
}

// Change edits one instance in place. A transition that is under way goes on
// unless the edit changes the status. One that runs by then has no stopped mode.
func (c *Cloud) Change(id string, edit func(*Instance) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	rec := c.settled(id, now)
	if rec == nil {
		return fmt.Errorf("%s has no instance %q", c.name, id)
	}
	before := rec.truth(now)
	after := before.clone()
	if err := edit(&after); err != nil {
		return err
	}
	if after.ID != id {
		return errors.New("the id of an instance cannot change")
	}
	if after.Region != before.Region && !c.KnowsRegion(after.Region) {
		return fmt.Errorf("%s has no region %q", c.name, after.Region)
	}
	if after.Status != before.Status {
		rec.move = nil
		if after.Status == c.words.Running && after.StoppedMode == before.StoppedMode {
			after.StoppedMode = ""
		}
	}
	rec.inst = after.clone()
	rec.remember(now)
	return nil
}

// Remove deletes instances, as a termination does; without ids it deletes all.
func (c *Cloud) Remove(ids ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(ids) == 0 {
		clear(c.records)
		c.order = nil
		return
	}
	for _, id := range ids {
		c.remove(id)
	}
}

func (c *Cloud) remove(id string) {
	if _, known := c.records[id]; !known {
		return
	}
	delete(c.records, id)
	if len(c.order) > 2*len(c.records) {
		c.order = slices.DeleteFunc(c.order, func(p place) bool { return !c.holds(p) })
	}
}
