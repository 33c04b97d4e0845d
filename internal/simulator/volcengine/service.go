package volcengine

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// Services is this cloud's part of the table of services.
func Services() []simulator.Service {
	return []simulator.Service{{
		Cloud: Name, New: func() simulator.Wire { return New() },
		Region: regions()[0], IDPattern: "i-y################", Prepaid: prePaid, Prefix: Service,
		ForcedType: "ecs.ebmg2a.32xlarge", // Elastic bare metal (https://www.volcengine.com/docs/6396/70468).
		Arguments:  simulator.Arguments{ID: "access_key", Secret: "secret_key", Token: "session_token"}, Keys: Keys(),
		Federation: federation(),
	}}
}
