package zenlayercloud

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// The names of the switches and their values, the default first.
const (
	// ForceWhileStopping: whether zec cuts the power of an instance that is
	// STOPPING. The Chinese page of StopInstances says so, the English one
	// names RUNNING alone. vm never does.
	ForceWhileStopping = "force_while_stopping"
	Accepted           = "accepted"
	Refused            = "refused"

	// Failures: what zec answers when an instance of a call cannot be operated.
	// The page of StopInstances has both a list of failed ids in a successful
	// answer and codes for the whole call, and does not say when which comes.
	Failures        = "zec_failures"
	Listed          = "listed"
	ListedUnlessAll = "listed_unless_all"
	RefusedWhole    = "refused"

	// NoFailures: how zec says that no instance failed.
	NoFailures = "zec_no_failures"
	EmptyList  = "empty_list"
	NoList     = "no_list"

	// Batch: whether a call that is refused as a whole for one bad instance has
	// operated the others.
	Batch   = "batch"
	Atomic  = "atomic"
	Partial = "partial"

	// AbsentIDs: what a describe answers about ids that do not exist. The
	// vendor's Terraform provider is ready for all three.
	AbsentIDs        = "absent_ids"
	Omitted          = "omitted"
	InstanceNotFound = "instance_not_found"
	ResourceNotFound = "resource_not_found"

	// PageOfIDs: whether a describe by ids without a page size is cut at the
	// default page size.
	PageOfIDs   = "page_of_ids"
	DefaultPage = "default_page"
	AllIDs      = "all"

	// FuzzyName: what a name filter with an asterisk at its end finds; the page
	// says "fuzzy".
	FuzzyName = "fuzzy_name"
	Contains  = "contains"
	Prefix    = "prefix"

	// TagMatch: whether an instance needs all of the tags and tag keys of a
	// filter, or one of them.
	TagMatch = "tag_match"
	AllTags  = "all"
	AnyTag   = "any"

	// StartingWord: the page of zec StartInstances calls STARTING what the list
	// of states calls BOOTING.
	StartingWord = "zec_starting_word"

	// RecycleWord: the page of zec ReleaseInstances calls RECYCLED what the
	// list of states calls RECYCLE.
	RecycleWord = "zec_recycle_word"

	// AuthStatus: the HTTP status of refused credentials.
	AuthStatus = "auth_status"

	// Messages: whether the message of a refusal names the instance. Samples on
	// the pages quote the bad value in backticks; nothing promises it.
	Messages  = "messages"
	WithID    = "with_id"
	WithoutID = "without_id"
)

func settings() []simulator.Setting {
	return []simulator.Setting{
		{
			Name: ForceWhileStopping, Doc: "a forced stop of a zec instance that is STOPPING",
			Values: []string{Accepted, Refused},
		},
		{
			Name: Failures,
			Doc: "how zec answers for instances that cannot be operated: as a list in a success, as an error of the call, " +
				"or as an error when all failed",
			Values: []string{Listed, ListedUnlessAll, RefusedWhole},
		},
		{Name: NoFailures, Doc: "how zec answers that nothing failed", Values: []string{EmptyList, NoList}},
		{Name: Batch, Doc: "whether the good instances of a refused call are operated", Values: []string{Atomic, Partial}},
		{
			Name: AbsentIDs, Doc: "what a describe answers about ids that do not exist",
			Values: []string{Omitted, InstanceNotFound, ResourceNotFound},
		},
		{
			Name: PageOfIDs, Doc: "whether a describe by ids without a page size is cut at 20",
			Values: []string{DefaultPage, AllIDs},
		},
		{Name: FuzzyName, Doc: "what a fuzzy filter by name finds", Values: []string{Contains, Prefix}},
		{Name: TagMatch, Doc: "whether a filter with several tags needs all of them", Values: []string{AllTags, AnyTag}},
		{Name: StartingWord, Doc: "the status of a zec instance that starts", Values: []string{booting, startingWord}},
		{Name: RecycleWord, Doc: "the status of a zec instance in the recycle bin", Values: []string{recycle, recycledWord}},
		{Name: AuthStatus, Doc: "the HTTP status of refused credentials", Values: []string{"401", "403"}},
		{Name: Messages, Doc: "whether the message of a refusal names the instance", Values: []string{WithID, WithoutID}},
	}
}
