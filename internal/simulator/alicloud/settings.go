package alicloud

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// Values that several switches share.
const (
	Refused  = "refused"
	Accepted = "accepted"
	Ignored  = "ignored"
)

// The names of the switches and their values.
const (
	// ItemCode: the Code of an instance that was accepted is the text "200" in
	// the samples of the older page and the number 200 in those of the newer one
	// (https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-stopinstances).
	ItemCode   = "item_code"
	CodeText   = "text"
	CodeNumber = "number"

	// DefaultStopMode: what a stop without StoppedMode does depends on a switch
	// of the account in the console
	// (https://www.alibabacloud.com/help/en/ecs/user-guide/economical-mode).
	DefaultStopMode = "default_stop_mode"

	// IneligibleStopCharging: the newer text says that an instance that cannot
	// stop charging is stopped in the other mode without an error; the table of
	// errors still has InvalidInstanceId.NotSupport for it.
	IneligibleStopCharging = "ineligible_stop_charging"
	Downgraded             = "downgraded"

	// SpotStopCharging: the page of the economical mode includes spot
	// instances; the error text of InvalidInstanceId.NotSupport excludes them.
	SpotStopCharging = "spot_stop_charging"
	Eligible         = "eligible"
	Ineligible       = "ineligible"

	// FailedTogether: what AllTogether does when one instance fails the check.
	// One page says that none is operated, the other that what was done is
	// rolled back. The call fails with one error either way. Only a stop can be
	// rolled back: its instances then go through the words of a reboot.
	FailedTogether = "failed_together"
	Untouched      = "untouched"
	RolledBack     = "rolled_back"

	// StopWhileStopped and StartWhileRunning: no page says what is answered to
	// who asks for what is already so, or for another stopped mode of an
	// instance that is stopped.
	StopWhileStopped  = "stop_while_stopped"
	SwitchesMode      = "switches_mode"
	StartWhileRunning = "start_while_running"

	// ForceWhileStopping: no page says whether a power cut can end a shutdown
	// that hangs.
	ForceWhileStopping = "force_while_stopping"

	// SecurityLockStop: the pages disagree on whether an instance that is locked
	// for security reasons can be stopped.
	SecurityLockStop = "security_lock_stop"

	// RebootSteps: the page says Starting, then Running; its sample says
	// Stopping; users have seen a brief Stopped, and Running at first.
	RebootSteps      = "reboot_steps"
	StoppingStarting = "stopping_stopped_starting"
	StartingOnly     = "starting"
	RunningFirst     = "running_stopping_stopped_starting"

	// HiddenDryRun: a list leaves out what the caller may not see. No page says
	// what a dry run of a stop answers for such an instance.
	HiddenDryRun = "hidden_dry_run"
	Forbidden    = "forbidden"
	Allowed      = "allowed"

	// HiddenAttribute: the same question about DescribeInstanceAttribute.
	HiddenAttribute = "hidden_attribute"

	// MessageIDs: the texts of errors have a placeholder, and no page shows
	// whether the id of the instance gets into it.
	MessageIDs = "message_ids"
	Named      = "named"
	Unnamed    = "unnamed"

	// NotFoundCode: the code of an instance that does not exist differs from
	// page to page.
	NotFoundCode = "not_found_code"

	// MalformedID: an id that cannot be one is malformed, or just not found.
	MalformedID = "malformed_id"
	Malformed   = "malformed"
	NotFound    = "not_found"

	// NoIDs: a plural call without any id. The tables of errors have a 403
	// InvalidInstanceId.NotFound for the empty list; the gateway checks required
	// parameters by itself.
	NoIDs   = "no_ids"
	Empty   = "empty_list"
	Missing = "missing_parameter"

	// LargePage: a page size over the maximum.
	LargePage = "large_page"
	Capped    = "capped"

	// UnknownParameter: a parameter that the action does not have. The gateway
	// is lenient as far as anybody has seen; a test wants to know.
	UnknownParameter = "unknown_parameter"

	// RetryAfterUnit: the vendor's SDK sleeps milliseconds for the number in
	// x-acs-retry-after; no page names the unit, nor that of TimeLeft.
	RetryAfterUnit = "retry_after_unit"
	Milliseconds   = "milliseconds"
	Seconds        = "seconds"

	// RetryAfterHeader: which of the two headers a throttled call gets.
	RetryAfterHeader = "retry_after_header"
	Both             = "both"
	HeaderAcs        = "x-acs-retry-after"
	HeaderRateLimit  = "x-ratelimit-user-api"
)

func settings() []simulator.Setting {
	return []simulator.Setting{
		{Name: ItemCode, Doc: "type of the Code of an accepted instance", Values: []string{CodeText, CodeNumber}},
		{
			Name: DefaultStopMode, Doc: "the account's mode of a stop without StoppedMode",
			Values: []string{keepCharging, stopCharging},
		},
		{
			Name: IneligibleStopCharging, Doc: "StopCharging of an instance that cannot have it",
			Values: []string{Downgraded, Refused},
		},
		{Name: SpotStopCharging, Doc: "whether spot instances can stop charging", Values: []string{Eligible, Ineligible}},
		{
			Name: FailedTogether, Doc: "the good instances of an AllTogether stop that fails",
			Values: []string{Untouched, RolledBack},
		},
		{
			Name: StopWhileStopped, Doc: "a stop of a Stopped instance: refused, accepted without effect, or switching its mode",
			Values: []string{Refused, Ignored, SwitchesMode},
		},
		{
			Name: StartWhileRunning, Doc: "a start of a Running instance: refused, or accepted without effect",
			Values: []string{Refused, Ignored},
		},
		{
			Name: ForceWhileStopping, Doc: "a stop with force of an instance that is Stopping",
			Values: []string{Refused, Accepted},
		},
		{
			Name: SecurityLockStop, Doc: "a stop of an instance that is locked for security reasons",
			Values: []string{Refused, Accepted},
		},
		{
			Name: RebootSteps, Doc: "the words that a reboot shows",
			Values: []string{StoppingStarting, StartingOnly, RunningFirst},
		},
		{Name: HiddenDryRun, Doc: "a dry run for an instance that lists do not show", Values: []string{Forbidden, Allowed}},
		{
			Name: HiddenAttribute, Doc: "DescribeInstanceAttribute of an instance that lists do not show",
			Values: []string{Forbidden, Allowed},
		},
		{
			Name: MessageIDs, Doc: "whether the message of an error has the id of the instance",
			Values: []string{Named, Unnamed},
		},
		{
			Name: NotFoundCode, Doc: "the code for an instance that does not exist",
			Values: []string{"InvalidInstanceId.NotFound", "InvalidInstanceIds.NotFound", "Forbidden.InstanceNotFound"},
		},
		{Name: MalformedID, Doc: "an id that has not the form of one", Values: []string{Malformed, NotFound}},
		{Name: NoIDs, Doc: "a plural call without ids", Values: []string{Empty, Missing}},
		{Name: LargePage, Doc: "a PageSize over the maximum", Values: []string{Refused, Capped}},
		{Name: UnknownParameter, Doc: "a parameter that the action does not have", Values: []string{Refused, Ignored}},
		{
			Name: RetryAfterUnit, Doc: "unit of the numbers in the headers of a throttled call",
			Values: []string{Milliseconds, Seconds},
		},
		{
			Name: RetryAfterHeader, Doc: "the headers of a throttled call that has a time",
			Values: []string{Both, HeaderAcs, HeaderRateLimit},
		},
	}
}
