package simulator

import (
	"slices"
	"time"
)

// Tx is one read of a cloud, or one change to it, while it is locked.
type Tx struct {
	cloud *Cloud
	req   *Request
	now   time.Time
}

// Now is the time at which the cloud is read or changed.
func (tx *Tx) Now() time.Time { return tx.now }

// Words returns the cloud's words.
func (tx *Tx) Words() Words { return tx.cloud.words }

// Setting returns the value of a switch.
func (tx *Tx) Setting(name string) string { return tx.cloud.settings[name] }

// Hit looks for a trouble of the kinds for one instance and counts it.
func (tx *Tx) Hit(id string, kinds ...Kind) *Trouble {
	return tx.cloud.hit(tx.req.Call, []string{id}, kinds...)
}

// Standing reports whether a trouble of one of the kinds is on an instance now.
// It only asks, and counts as no hit; the Action of the trouble is not asked.
func (tx *Tx) Standing(id string, kinds ...Kind) bool {
	rec := tx.record(id)
	return rec != nil && slices.ContainsFunc(kinds, func(k Kind) bool { return tx.cloud.standing(k, rec, tx.now) != nil })
}

// Instance returns an instance as it truly is, if it is in the call's region. A
// call without a region reaches all of them.
func (tx *Tx) Instance(id string) (Instance, bool) {
	rec := tx.record(id)
	if rec == nil {
		return Instance{}, false
	}
	i := rec.truth(tx.now)
	tx.condition(&i, rec)
	return i, true
}

func (tx *Tx) record(id string) *record {
	rec := tx.cloud.settled(id, tx.now)
	if rec == nil {
		return nil
	}
	if region := tx.req.Call.Region; region != "" && rec.inst.Region != region {
		return nil
	}
	if !tx.reaches(rec.inst) {
		return nil
	}
	if tx.cloud.vanishesIn(tx.req.Call, rec, tx.now) {
		tx.cloud.remove(id)
		return nil
	}
	return rec
}

// Query says what a describe asks for. Without IDs it asks for all instances
// of the call's region. Match sees an instance as the caller would. A Limit of
// zero or less means no limit.
type Query struct {
	IDs    []string
	Match  func(Instance) bool
	Offset int
	Limit  int
}

// Describe returns a page of what the caller of the cloud is shown, in the
// order of seeding, and how many instances there are in all pages. It notes in
// the log what was shown.
func (tx *Tx) Describe(q Query) (page []Instance, total int) {
	if tx.req.empty != nil {
		return nil, 0
	}
	ids := q.IDs
	if len(ids) == 0 {
		ids = tx.cloud.ids()
	}
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] || tx.hidden(id) {
			continue
		}
		seen[id] = true
		rec := tx.record(id)
		if rec == nil {
			continue
		}
		shown := total >= q.Offset && (q.Limit <= 0 || len(page) < q.Limit)
		if q.Match == nil && !shown {
			total++
			continue
		}
		i := tx.view(rec)
		if q.Match != nil && !q.Match(i) {
			continue
		}
		total++
		if !shown {
			continue
		}
		page = append(page, i)
		rec.wasShown(tx.now)
	}
	if len(q.IDs) == 0 {
		for _, i := range page {
			tx.req.Call.Shown = append(tx.req.Call.Shown, i.ID)
		}
	}
	return page, total
}

func (tx *Tx) hidden(id string) bool {
	return slices.ContainsFunc(tx.req.hide, func(t Trouble) bool {
		return len(t.InstanceIDs) == 0 || slices.Contains(t.InstanceIDs, id)
	})
}

// view is an instance as the caller of the cloud is shown it.
func (tx *Tx) view(rec *record) Instance {
	i := rec.truth(tx.now)
	if rec.lag > 0 {
		then := tx.now.Add(-rec.lag)
		f := rec.at(then)
		i.Status, i.StoppedMode, i.PublicIP, i.LastOperation = f.word(then), f.mode, f.publicIP, f.operation
	}
	if rec.modeLag > 0 && i.StoppedMode != "" {
		i.StoppedMode = rec.at(tx.now.Add(-rec.modeLag)).mode
		setDefault(&i.StoppedMode, rec.laggingMode)
		setDefault(&i.StoppedMode, tx.cloud.words.KeepCharging)
	}
	tx.condition(&i, rec)
	return i
}

// condition lays what troubles say about an instance over what it is. A later
// line wins over an earlier one.
func (tx *Tx) condition(i *Instance, rec *record) {
	word := func(kind Kind) {
		if w := tx.cloud.words.Conditions[kind]; w != "" {
			i.Status = w
		}
	}
	if t := tx.cloud.standing(Lock, rec, tx.now); t != nil {
		i.Locks = append(i.Locks, t.Word)
	}
	if i.Arrears || tx.cloud.standing(InArrears, rec, tx.now) != nil {
		i.Arrears = true
		word(InArrears)
	}
	if i.Recycled || tx.cloud.standing(Recycle, rec, tx.now) != nil {
		i.Recycled = true
		word(Recycle)
	}
	for _, kind := range []Kind{HostRepair, MakingImage, LiveMigration, Rescue} {
		if tx.cloud.standing(kind, rec, tx.now) != nil {
			word(kind)
		}
	}
	if t := tx.cloud.standing(UnknownWord, rec, tx.now); t != nil {
		i.Status = t.Word
	}
}
