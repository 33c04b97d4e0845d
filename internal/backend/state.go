package backend

// State is a power state, the same for all clouds.
type State int

// The states. Starting and Stopping stay apart, since what is decided about
// them differs.
const (
	// Unknown is a word that is not in the cloud's table. It is waited on and
	// named, never guessed.
	Unknown State = iota
	Running
	Stopped
	// Starting is on the way to Running, creation included.
	Starting
	// Stopping is on the way to Stopped.
	Stopping
	// Restarting is busy with something that ends by itself and that this
	// provider did not ask for: a reboot, a reinstallation, a live migration.
	Restarting
	// Unavailable exists but cannot be operated: recycle bin, arrears, rescue
	// mode, failed creation.
	Unavailable
	// Absent is the state of an instance that Describe did not return. No
	// driver reports it.
	Absent
)

// States lists all states.
func States() []State {
	return []State{Unknown, Running, Stopped, Starting, Stopping, Restarting, Unavailable, Absent}
}

// String returns the state as users read it.
func (s State) String() string {
	switch s {
	case Unknown:
		return "unknown"
	case Running:
		return "running"
	case Stopped:
		return "stopped"
	case Starting:
		return "starting"
	case Stopping:
		return "stopping"
	case Restarting:
		return "restarting"
	case Unavailable:
		return "unavailable"
	case Absent:
		return "absent"
	}
	return "invalid"
}
