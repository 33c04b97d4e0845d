package simulator

import (
	"maps"
	"slices"
	"time"
)

// Instance is one virtual machine of a simulated cloud. Status, ChargeType and
// StoppedMode hold the cloud's own words, unchanged: a status outside the
// cloud's table can be seeded too, which is how a test makes a client meet a
// word that it does not know; Check is for those who do not mean that.
type Instance struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	// Account is whose instance it is; the cloud's first account when it is not
	// set. Other accounts cannot see it.
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	Zone    string `json:"zone,omitempty"`
	Type    string `json:"type,omitempty"`
	Status  string `json:"status,omitempty"`

	ChargeType string `json:"charge_type,omitempty"`
	LocalDisk  bool   `json:"local_disk,omitempty"`
	Spot       bool   `json:"spot,omitempty"`
	// Classic says that the instance is in the network without a VPC.
	Classic bool `json:"classic,omitempty"`

	// Locks are the cloud's words for why the instance may not be operated.
	Locks    []string `json:"locks,omitempty"`
	Arrears  bool     `json:"arrears,omitempty"`
	Recycled bool     `json:"recycled,omitempty"`

	// StoppedMode is the mode that the last stop left behind; it is empty while
	// the instance runs and for one that was never stopped through the API.
	StoppedMode string `json:"stopped_mode,omitempty"`

	// PublicIP is the address that the cloud assigned and may take back;
	// ElasticIP is one that the owner keeps.
	PublicIP  string `json:"public_ip,omitempty"`
	ElasticIP string `json:"elastic_ip,omitempty"`
	PrivateIP string `json:"private_ip,omitempty"`

	Tags map[string]string `json:"tags,omitempty"`
	// Extra holds what only one cloud's wire reads, by names that it documents.
	Extra map[string]string `json:"extra,omitempty"`

	CreatedAt     time.Time     `json:"created_at,omitzero"`
	LastOperation LastOperation `json:"last_operation,omitzero"`

	// Durations, when set, take the place of the cloud's for this instance.
	Durations *Durations `json:"durations,omitempty"`
}

// LastOperation is what the cloud remembers of the last accepted write.
type LastOperation struct {
	Action    string `json:"action,omitempty"`
	State     string `json:"state,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	Message   string `json:"message,omitempty"`
}

// The states of a LastOperation. Only Tencent Cloud shows them on the wire
// (LatestOperationState of DescribeInstances,
// https://cloud.tencent.com/document/api/213/15728).
const (
	Operating = "OPERATING"
	Succeeded = "SUCCESS"
	Failed    = "FAILED"
)

// Durations say how long transitions take. Grace is how long the cloud waits
// for the guest before it cuts the power in a stop that is graceful first.
type Durations struct {
	Start      Duration `json:"start"`
	Stop       Duration `json:"stop"`
	ForcedStop Duration `json:"forced_stop"`
	Reboot     Duration `json:"reboot"`
	Grace      Duration `json:"grace"`
}

// DefaultDurations is what a new cloud starts with.
func DefaultDurations() Durations {
	const d = Duration(2 * time.Second)
	return Durations{Start: d, Stop: d, ForcedStop: d, Reboot: d, Grace: d}
}

// Op is what a call does, whatever its action is called on the wire.
type Op string

// The operations that the shared machine tells apart.
const (
	OpDescribe Op = "describe"
	OpStart    Op = "start"
	OpStop     Op = "stop"
	OpReboot   Op = "reboot"
	OpOther    Op = "other"
)

// Write reports whether the operation changes an instance.
func (o Op) Write() bool { return o == OpStart || o == OpStop || o == OpReboot }

// Force is how a stop or a reboot treats the guest.
type Force string

// Graceful asks the guest, FirstGraceful asks it and cuts the power when it
// does not answer, Forced cuts the power at once.
const (
	Graceful      Force = "graceful"
	FirstGraceful Force = "first_graceful"
	Forced        Force = "forced"
)

// clone returns a copy that shares no memory with i.
func (i Instance) clone() Instance {
	i.Locks = slices.Clone(i.Locks)
	i.Tags = maps.Clone(i.Tags)
	i.Extra = maps.Clone(i.Extra)
	if i.Durations != nil {
		d := *i.Durations
		i.Durations = &d
	}
	return i
}
