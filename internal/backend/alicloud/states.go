package alicloud

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// states are the words of the field Status.
// https://www.alibabacloud.com/help/en/ecs/user-guide/overview-of-instance-lifecycle
// There is none for a released instance, which is no longer listed; what the
// console shows as expired, locked or to be released reads back as Stopped.
var states = driverkit.States{
	"Pending":  {State: backend.Starting}, // being created: takes no operation yet
	"Starting": {State: backend.Starting},
	"Running":  {State: backend.Running},
	"Stopping": {State: backend.Stopping},
	"Stopped":  {State: backend.Stopped},
}

// modes are the words of the field StoppedMode, which running instances have
// too.
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances
var modes = driverkit.Modes{
	"KeepCharging":   backend.KeepCharging,
	"StopCharging":   backend.StopCharging,
	"Not-applicable": backend.NotApplicable,
	"NotApplicable":  backend.NotApplicable,
}

const (
	prePaid        = "PrePaid"
	networkClassic = "classic"
)

// chargeTypes are the words of InstanceChargeType.
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances
var chargeTypes = map[string]backend.ChargeType{prePaid: backend.Prepaid, "PostPaid": backend.PayAsYouGo}

// noSpot is the word of SpotStrategy for an instance that is no spot instance.
const noSpot = "NoSpot"

// localDisk matches, in the middle of a type such as ecs.gn5-c4g1.xlarge, the
// instance families with local disks or persistent memory, which cannot stop in
// economical mode.
// https://www.alibabacloud.com/help/en/ecs/user-guide/economical-mode
var localDisk = regexp.MustCompile(`^(i[0-9][0-9a-z]*|d[0-9][0-9a-z]*|gn5|re6p-redis|re6p|ebmre6p)(-.*)?$`)

// stopChargingBar says why the instance cannot stop in economical mode.
// https://www.alibabacloud.com/help/en/ecs/user-guide/economical-mode
func (i *instance) stopChargingBar() string {
	family := localDiskFamily(i.InstanceType)
	switch {
	case i.InstanceChargeType == prePaid:
		return "it is prepaid (a subscription)"
	case i.InstanceNetworkType == networkClassic:
		return "it is in a classic network"
	case i.LocalStorageAmount > 0:
		return "it has local disks"
	case family != "":
		return "its family " + family + " has local disks or persistent memory"
	case states[i.Status].State == backend.Stopped && modes[i.StoppedMode] == backend.NotApplicable:
		return "the cloud says that economical mode does not apply to it"
	}
	return ""
}

// localDiskFamily returns the family of a type that localDisk matches.
func localDiskFamily(instanceType string) string {
	parts := strings.Split(instanceType, ".")
	if len(parts) != 3 {
		return ""
	}
	match := localDisk.FindStringSubmatch(parts[1])
	if match == nil {
		return ""
	}
	return match[1]
}

// lockSecurity is the one reason that is only in the way of a start and of a
// reboot: the pages disagree on a stop, so that is left to the cloud.
const lockSecurity = "security"

// locks are the reasons in OperationLocks.
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-behavior-when-an-instance-is-locked-for-security-reasons
var locks = map[string]string{
	lockSecurity:             "it is locked for security reasons",
	"financial":              "it is locked for an overdue payment",
	"recycling":              "it is a spot instance that is about to be released",
	"dedicatedhostfinancial": "it is locked for an overdue payment of its dedicated host",
	"refunded":               "it is locked since it was refunded",
}

// blocked says why the instance takes no operations, and why it cannot start. A
// subscription's end is not read: the cloud shows one that matters as a
// financial lock.
func (i *instance) blocked() (all, start string) {
	var clauses []string
	for _, l := range i.OperationLocks.LockReason {
		reason := strings.ToLower(l.LockReason)
		clause, ok := locks[reason]
		switch {
		case reason == "":
		case reason == lockSecurity:
			start = clause
		case ok:
			clauses = append(clauses, clause)
		default:
			clauses = append(clauses, "it is locked ("+strconv.Quote(l.LockReason)+")")
		}
	}
	return strings.Join(clauses, " and "), start
}
