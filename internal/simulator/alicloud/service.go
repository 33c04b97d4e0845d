package alicloud

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// Services is this cloud's part of the table of services.
func Services() []simulator.Service {
	return []simulator.Service{{
		Cloud: Name, New: func() simulator.Wire { return New() },
		Region: regions()[0], IDPattern: "i-bp1############", Prepaid: prePaid, Prefix: "ecs",
		Arguments: simulator.Arguments{ID: "access_key", Secret: "secret_key", Token: "security_token"}, Keys: Keys(),
		Federation: federation(),
	}}
}
