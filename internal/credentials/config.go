package credentials

// Config is the configuration of one cloud, as its block in the provider's
// configuration has it. An empty value is an unset one. Values that are not
// known yet must not get here.
type Config struct {
	// ID, Secret and Token are static keys.
	ID, Secret, Token string
	// Profile is the name of a profile, and File the file, or for Tencent Cloud
	// the directory, that holds it.
	Profile, File string
	// MachineRole is the role of the machine whose keys the metadata service has.
	MachineRole string
	// WebIdentity is set when the block for it is written, and AssumeRole too.
	WebIdentity *WebIdentity
	AssumeRole  *AssumeRole
	// STSEndpoint and MetadataEndpoint are URLs in place of the cloud's own.
	// "{region}" in STSEndpoint stands for Region.
	STSEndpoint, MetadataEndpoint string
	// Region is the region of the block or of the environment; it may be empty.
	Region string
	// AllowedAccountIDs are the only accounts whose keys are used; empty means
	// every account.
	AllowedAccountIDs []string
}

// AssumeRole is a role that is assumed with the keys of any source.
type AssumeRole struct {
	RoleARN     string
	SessionName string
	// DurationSeconds is 0 for the cloud's default.
	DurationSeconds int64
	ExternalID      string
	// Policy is JSON. It can only narrow the permissions of the role.
	Policy string
	// SourceIdentity exists on Tencent Cloud alone.
	SourceIdentity string
}

// WebIdentity is a role that is assumed with a JSON Web Token.
type WebIdentity struct {
	RoleARN string
	// RoleARNFile is a file that holds the ARN; Tencent Cloud alone has it.
	RoleARNFile string
	// Provider is the ARN of the identity provider on Alibaba Cloud and its name
	// on Tencent Cloud. Volcengine has none.
	Provider string
	// Token is the token itself, TokenFile a file that is opened at each
	// exchange, and TFCTag the tag of the variable of HCP Terraform that has the
	// token: TFC_WORKLOAD_IDENTITY_TOKEN_<tag>. At most one of them is set.
	Token, TokenFile, TFCTag string
	SessionName              string
	// DurationSeconds is 0 for the cloud's default.
	DurationSeconds int64
	Policy          string
}

// Argument is one argument of a block, with the environment variables that
// give it a value where it is not set, the first one first. A Name that is
// empty is an argument that the cloud does not have.
type Argument struct {
	Name string
	Env  []string
}

// Names are the arguments of a cloud's block that concern credentials. They
// are those of the cloud's own Terraform provider.
type Names struct {
	// Block is the name of the block.
	Block string
	// ID, Secret and Token have no variables here: these are taken by family
	// (see Cloud.Families).
	ID, Secret, Token          Argument
	Profile, File, MachineRole Argument
	// FileIsDir is set where File names a folder of files.
	FileIsDir   bool
	AssumeRole  RoleNames
	WebIdentity RoleNames
}

// RoleNames are the arguments of the block of a role.
type RoleNames struct {
	// Block is empty where the cloud has no such block.
	Block                              string
	RoleARN, SessionName, Duration     Argument
	Policy, ExternalID, SourceIdentity Argument
	Provider, Token, TokenFile         Argument
	RoleARNFile, TFCTag                Argument
	// MinDuration and MaxDuration bound Duration, in seconds.
	MinDuration, MaxDuration int64
}
