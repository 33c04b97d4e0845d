package driverkit

import (
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Alike returns the outcomes of a call that failed as a whole.
func Alike(ids []string, err error) []backend.Outcome {
	return slices.Repeat([]backend.Outcome{{RequestID: Fault(err).RequestID, Err: err}}, len(ids))
}

// Item is what the answer to a call has about one id.
type Item struct {
	ID string
	// Err is nil where the id was accepted.
	Err error
}

// Outcomes returns the outcome of each id of a call whose answer has items. One that
// fails counts where an id has several, and those of other ids do not.
func (k *Kit) Outcomes(ex *Exchange, requestID string, ids []string, items []Item) []backend.Outcome {
	answers := make(map[string]error, len(ids))
	for _, item := range items {
		if answers[item.ID] == nil {
			answers[item.ID] = item.Err
		}
	}
	outcomes := make([]backend.Outcome, len(ids))
	for i, id := range ids {
		err, ok := answers[id]
		if !ok {
			err = k.Incomplete(ex, requestID, "it does not mention "+id)
		}
		outcomes[i] = backend.Outcome{RequestID: k.Clean(requestID), Err: err}
	}
	return outcomes
}

// NoDryRun returns the error of a dry run of an operation that has none.
func (k *Kit) NoDryRun(op backend.Op) error {
	return k.Unsent("there is no dry run of the operation "+op.String(), "")
}

// DryRun reads the answer to a dry run, which is an error with a code of its own where
// it passed.
func (k *Kit) DryRun(ex *Exchange, requestID string, err error, passed func(code string) bool) error {
	switch {
	case err == nil:
		// To call this success could hide that the operation was carried out.
		return k.Incomplete(ex, requestID, "the dry run was answered as if it were the operation itself")
	case passed(Fault(err).Code):
		return nil
	}
	return err
}
