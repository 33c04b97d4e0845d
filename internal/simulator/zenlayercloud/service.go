package zenlayercloud

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// Services is this cloud's part of the table of services.
func Services() []simulator.Service {
	var all []simulator.Service
	for _, product := range []string{VM, ZEC} {
		all = append(all, simulator.Service{
			Cloud: Name, Product: product, New: func() simulator.Wire { return New() },
			IDPattern: "1205##########", Template: simulator.Instance{Extra: map[string]string{ServiceKey: product}},
			Prepaid: prePaid,
			Prefix:  product, NoPolicies: true,
			Arguments: simulator.Arguments{ID: "access_key_id", Secret: "access_key_password", Token: "token"}, Keys: Keys(),
		})
	}
	return all
}
