package simulator

import "regexp"

// Words are what a wire tells the shared machine about its cloud: the words
// for the states, and the rules that differ from cloud to cloud. A word that
// the cloud does not have stays empty.
type Words struct {
	Running, Stopped, Starting, Stopping, Rebooting string

	// Regionless are actions whose calls name no region.
	Regionless []string

	// Statuses and ChargeTypes are all words that the reference lists for the status
	// and the charge type of an instance, Locks those for why one may not be operated.
	// IDForm is the form without which every call refuses an id as malformed. Extra has
	// the values of each name of Instance.Extra. Actions are what is served, by the
	// names that a trouble can have; the operation of a service, which has several, is
	// empty. All of them are for Check and AddTrouble; without them nothing is refused.
	Statuses, ChargeTypes, Locks []string
	IDForm                       *regexp.Regexp
	Extra                        map[string][]string
	Actions                      map[string]Op

	// RebootSteps are the words that a reboot shows one after the other, each
	// for an equal part of its duration; nil means Rebooting alone.
	RebootSteps []string
	// RebootStepsFor, when set, takes the place of RebootSteps, for a cloud in
	// which a switch decides.
	RebootStepsFor func(tx *Tx) []string

	// KeepCharging and StopCharging are the words of the two stopped modes.
	KeepCharging, StopCharging string

	// KeepsPublicIP says that a stop that stops charging does not give up the
	// assigned public address.
	KeepsPublicIP bool

	// ChargeType, Type and Zone are what a seeded instance gets when it names
	// none. Zone is a suffix of the region ("-3"), or a whole name where the
	// cloud has no regions.
	ChargeType, Type, Zone string

	// Conditions are the words that an instance shows while a trouble of the
	// kind lasts (Recycle, Arrears, Rescue, LiveMigration, HostRepair,
	// MakingImage). A kind without a word leaves the status as it is, and the
	// write is refused all the same, with the Reason of the kind.
	Conditions map[Kind]string

	// Inoperable are the troubles of a running instance that a description shows and that
	// only a person ends. Tests try each.
	Inoperable []Trouble

	// Legal decides whether an order may begin in a status; nil means that a
	// stop and a reboot need Running and a start needs Stopped.
	Legal func(tx *Tx, order Order, status string) bool

	// LockAllows reports whether an operation is allowed in spite of a lock;
	// nil means that every lock blocks every write.
	LockAllows func(tx *Tx, op Op, lock string) bool

	// ExtraKinds are troubles that this wire handles by itself. It asks for them
	// with Tx.Hit and Request.Hit.
	ExtraKinds map[Kind]ExtraKind

	// Identity are the names of accounts, users and roles; none for a cloud
	// without roles.
	Identity IdentityWords

	// Settings are the switches for behavior that no page documents: both
	// answers can be had.
	Settings []Setting
}

// ExtraKind describes a trouble that one cloud has beside those of all. It meets the
// calls of the cloud's own service, and none of its token and metadata services.
type ExtraKind struct {
	// Doc is a sentence for the documentation.
	Doc string
	// Parameters are the fields of Trouble that it reads, by their names in JSON.
	Parameters []string
	// WritesOnly says that it never meets a describe.
	WritesOnly bool
}

// Setting is a switch of a cloud. The first of Values is the default.
type Setting struct {
	Name   string   `json:"name"`
	Doc    string   `json:"doc"`
	Values []string `json:"values"`
}

// legal applies Words.Legal or its default.
func (tx *Tx) legal(order Order, status string) bool {
	w := tx.cloud.words
	if w.Legal != nil {
		return w.Legal(tx, order, status)
	}
	return w.DefaultLegal(order, status)
}

// DefaultLegal is the rule that most clouds share: stop and reboot what runs,
// start what is stopped. A wire's Legal can fall back on it.
func (w Words) DefaultLegal(order Order, status string) bool {
	if order.Op == OpStart {
		return status == w.Stopped
	}
	return status == w.Running
}
