package tencentcloud

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// Services is this cloud's part of the table of services.
func Services() []simulator.Service {
	return []simulator.Service{{
		Cloud: Name, New: func() simulator.Wire { return New() },
		Region: regions()[0], IDPattern: "ins-########", Prepaid: prePaid, Prefix: "cvm",
		Arguments: simulator.Arguments{ID: "secret_id", Secret: "secret_key", Token: "security_token"}, Keys: Keys(),
		Federation: federation(),
	}}
}
