package dispatch

import "time"

// All times of this package, each with its reason.
const (
	// aloneShare is the share of the batch window that an operation waits which is alone:
	// a quarter, so that all calls of one apply (the read of the plan, that of the plan
	// which the CLI makes once more, the read before the write, and the write) wait a
	// batch window together.
	aloneShare = 4

	// aloneAfter is how long no operation on another instance began or ended when one
	// counts as alone: a CLI that works on ten resources at a time begins the next ten
	// when the first are done.
	aloneAfter = 2 * time.Second

	// perWindow is how many operations are active, or were within aloneAfter, for each batch
	// window that the idle window lasts, up to manyWindow. A CLI that works on a thousand resources at a time
	// begins them within some seconds, with pauses of up to 400 ms; one that works on ten
	// begins all within milliseconds.
	perWindow  = 20
	manyWindow = 400 * time.Millisecond

	// promptly is how soon a CLI begins an operation when another has ended, where it runs
	// no more at a time.
	promptly = 10 * time.Millisecond

	// pauseShare is the idle window in pauses that a CLI made between two operations, where
	// they were longer than the batch window: a starved one makes pauses of any length, and
	// few of them are twice as long as those before.
	pauseShare = 2

	// maxWindow is the maximum window of single operations. A steady stream of operations,
	// each a little later than the one before, must not hold up the first for longer.
	maxWindow = 2 * time.Second

	// fleetWindow is the idle window of the calls of fleets. They arrive all at once, so
	// that it only has to cover the time in which their goroutines wake. In a fleet of
	// more than one batch that takes a busy machine longer, and all batches but the last
	// are full before, so that a longer window costs nothing.
	fleetWindow      = 25 * time.Millisecond
	largeFleetWindow = 200 * time.Millisecond

	// pollWindow is the idle window of polls, which are let out together. They are let
	// out by so much early, so that it costs no time.
	pollWindow = 25 * time.Millisecond

	// splitWindow is the window of the members of a batch that was split. They are let
	// out together, but each makes an observation of its own in between.
	splitWindow = 100 * time.Millisecond

	// maxIdleWindows is the maximum window of fleets, polls and splits, in idle windows.
	maxIdleWindows = 10

	// pollSlack is how much earlier than it is due a poll may be made to share a page.
	// It is more than the time between the first and the last of the calls that one
	// batch window lets out, so that their waits share all their polls, also the first
	// ones, which are a second apart.
	pollSlack = 500 * time.Millisecond

	// callLimit is when a call is given up as lost. Its callers may have far more time
	// left, and a connection that died silently never answers.
	callLimit = time.Minute

	// hedgeAfter is when a read is repeated on another connection. The slowest page of
	// a hundred instances takes about a second on any of the clouds.
	hedgeAfter = 3 * time.Second

	// firstReadLimit is when a read and its repeat are given up as lost. Each time that
	// answers are lost in a row it doubles, up to callLimit, so that a cloud that is that
	// slow is read in the end.
	firstReadLimit = 10 * time.Second

	// hungAfter is when a call without an answer counts as arrived, so that its permit
	// becomes free: a call that hangs must not keep others out for as long as it hangs.
	hungAfter = 3 * time.Second

	// longestPause is the most that a pause after throttling grows to by itself, and
	// longestRetryAfter the most that the cloud's own Retry-After is obeyed before one
	// call probes: it may be wrong by days, and one call a minute harms no cloud.
	firstPause        = time.Second
	longestPause      = 30 * time.Second
	longestRetryAfter = time.Minute

	// lastProbe is how long before the deadline of a waiting caller a pause ends that
	// would outlast it. It leaves time for one call and its answer.
	lastProbe = 2 * time.Second

	// longestLossPause is the most that the pause after lost answers grows to. It is
	// shorter than that after throttling: no limit was exceeded, and an outage may be
	// over at any time.
	longestLossPause = 15 * time.Second

	// probePause is how long the other members of a refused batch wait while a few ids
	// are probed alone. They queue behind the probes, so that it need not be long.
	probePause = time.Second
)

// windowMargin is how much longer than the cloud's the windows of a limiter are: its
// clock is not ours.
const windowMargin = 1.01
