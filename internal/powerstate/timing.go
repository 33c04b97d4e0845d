package powerstate

import "time"

// All constants of time of this package.
const (
	// cachedForAct is how old an observation of this process may be to serve a
	// decision to act: the CLI plans each resource once more right before it
	// applies it, and that plan has observed the instance.
	cachedForAct = time.Second

	// cachedForPlan is the same for a plan, which reads an instance in its refresh
	// and decides about it at once. For as long an instance that was observed
	// absent is not searched for.
	cachedForPlan = 15 * time.Second

	// defaultAppearGrace is how long a missing instance is searched for when a
	// create begins: listings lag behind a creation, by seconds as a rule.
	defaultAppearGrace = 30 * time.Second

	// planSearch is when a plan reads a missing instance for the second and last
	// time. It is enough for a listing that lags behind a creation of the same
	// apply, and not too long for somebody who has mistyped an id.
	planSearch = 5 * time.Second

	// dryRunLimit is how long a dry run is repeated while it is throttled or gets no
	// answer. A plan is worth more than a dry run.
	dryRunLimit = 30 * time.Second

	// defaultModeGrace is how long a stopped instance may report another mode than
	// was asked for: the mode is read back late, and a cloud that ignores it never
	// changes its mind.
	defaultModeGrace = 30 * time.Second

	// effectWithin is how long after an accepted call its transition is waited for,
	// where the cloud does not report that it is in progress. Listings lag by seconds;
	// a transition that was never observed is over by then, or never began. It is
	// also how long a reboot may be quicker than two observations.
	effectWithin = 30 * time.Second

	// cutWithin is how long after the answer of the observation that decided it a cut may
	// be sent. One that waits for longer, behind a throttle or in a long queue, is handed
	// back and decided anew.
	cutWithin = 2 * time.Second

	// writeWithin is the same for every other call. It is longer than the longest window of
	// a batch and the limiter's queue of a large fleet, in which re-reading would cost more
	// than it tells, and much shorter than the pause after a throttle.
	writeWithin = 15 * time.Second

	// confirmAfter is when an observation that contradicts an accepted call is
	// confirmed by another one: the first may come from a replica that lags.
	confirmAfter = time.Second

	// stuckAfter is how long a last operation of somebody else may stay as it is
	// before it no longer blocks ours. Tencent Cloud's longest, a reinstallation,
	// takes minutes and shows a state of its own.
	stuckAfter = 3 * time.Minute

	// busyLimit is how long a busy answer about an instance that is in no
	// transition is retried. Some clouds answer busy for a lock that lasts.
	busyLimit = 5 * time.Minute

	// longestPause is the most that the pause grows to before a call about an instance is
	// made again that was refused as busy, or whose answer was lost.
	longestPause = 15 * time.Second
)

// The intervals between the reads of a wait.
const (
	// firstRead is the age of a wait at its first read while nothing is known about how
	// long the transition lasts. It shows that the transition has begun, so that one which
	// is given up in the next seconds is noticed. Then reads come at steadyInterval, for a
	// minute: twenty reads, with which half of all ends are noticed within 1.5 seconds.
	// The first one is early, which the next five make up for, until steadyFrom. The
	// twentieth comes so late that it is after the minute also where it is early, to share
	// a call.
	// After the minute the interval is always the same part of the age, up to
	// longestInterval.
	firstRead       = 2050 * time.Millisecond
	earlyInterval   = 3300 * time.Millisecond
	steadyFrom      = 18550 * time.Millisecond
	steadyInterval  = 3 * time.Second
	steadyPart      = 20
	longestInterval = 10 * time.Second

	// closeInterval is the interval around an end that is expected. It is longer where
	// that would take more than so many reads until the end is late: leastReads, and one
	// for each perRead of the duration, up to mostReads.
	closeInterval = 1100 * time.Millisecond
	perRead       = 8500 * time.Millisecond
	leastReads    = 2.3
	mostReads     = 10

	// The end is likely from a little before the shortest duration that is known, until
	// some time after the longest, by these parts of them.
	earlierPart = 50
	laterPart   = 10

	// longestGap is the longest time without a read while an end is not likely yet: a
	// transition may fail, or last much less than before.
	longestGap = 15 * time.Second
)
