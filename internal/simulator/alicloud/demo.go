package alicloud

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// The credentials that the simulator accepts. They are public on purpose, and
// no cloud knows them.
const (
	DemoID     = "LTAI-simulator-demo"
	DemoSecret = "not-a-secret-alicloud"

	TemporaryID     = "STS.simulator-temporary"
	TemporarySecret = "not-a-secret-alicloud-temporary"
	TemporaryToken  = "not-a-token-alicloud" //nolint:gosec // A token of the simulator, worth nothing anywhere.

	ExpiredID     = "STS.simulator-expired"
	ExpiredSecret = "not-a-secret-alicloud-expired"
	ExpiredToken  = "not-a-token-alicloud-expired" //nolint:gosec // A token of the simulator, worth nothing anywhere.

	DeniedID     = "LTAI-simulator-denied"
	DeniedSecret = "not-a-secret-alicloud-denied"

	ReadOnlyID     = "LTAI-simulator-read-only"
	ReadOnlySecret = "not-a-secret-alicloud-read-only"

	// SecondID is of the second account, MainID of the first account itself.
	SecondID     = "LTAI-simulator-second"
	SecondSecret = "not-a-secret-alicloud-second"
	MainID       = "LTAI-simulator-main"
	MainSecret   = "not-a-secret-alicloud-main"
)

// Keys are the credentials above.
func Keys() simulator.Keys {
	return simulator.Keys{
		Lasting:   simulator.Credential{AccessKeyID: DemoID, Secret: DemoSecret},
		Temporary: simulator.Credential{AccessKeyID: TemporaryID, Secret: TemporarySecret, Token: TemporaryToken},
		Expired:   simulator.Credential{AccessKeyID: ExpiredID, Secret: ExpiredSecret, Token: ExpiredToken, Expired: true},
		Denied:    simulator.Credential{AccessKeyID: DeniedID, Secret: DeniedSecret, Policy: simulator.AllowOnly()},
		ReadOnly: simulator.Credential{
			AccessKeyID: ReadOnlyID, Secret: ReadOnlySecret, Policy: simulator.AllowOnly("ecs:Describe*"),
		},
		Second: simulator.Credential{AccessKeyID: SecondID, Secret: SecondSecret, Account: SecondAccountID},
		Main:   simulator.Credential{AccessKeyID: MainID, Secret: MainSecret, Main: true},
	}
}

// DemoFleet implements simulator.Wire.
func (w *Wire) DemoFleet() []simulator.Instance {
	return []simulator.Instance{
		{ID: "i-bp1demoweb1", Name: "web-1", PublicIP: "203.0.113.21", Tags: map[string]string{"role": "web"}},
		{ID: "i-bp1demoweb2", Name: "web-2", ElasticIP: "203.0.113.22", Tags: map[string]string{"role": "web"}},
		{
			ID: "i-bp1demobatch", Name: "batch", Status: stopped, StoppedMode: stopCharging,
			Tags: map[string]string{"role": "batch"},
		},
		{ID: "i-bp1demoprepaid", Name: "database", ChargeType: prePaid, Tags: map[string]string{"role": "database"}},
		{
			ID: "i-bp1demolocal", Name: "cache", Type: "ecs.i4.large", LocalDisk: true, Tags: map[string]string{"role": "cache"},
		},
		{ID: "i-bp1democlassic", Name: "classic", Classic: true},
		{ID: "i-bp1demospot", Name: "spot", Spot: true},
		{ID: "i-bp1demolocked", Name: "locked", Locks: []string{lockSecurity}},
		{ID: "i-bp1demoarrears", Name: "in-arrears", Status: stopped, StoppedMode: keepCharging, Arrears: true},
		{ID: "i-uf6demoshanghai", Name: "shanghai", Region: "cn-shanghai"},
	}
}

// Environment implements simulator.Wire.
func (w *Wire) Environment(string) []string {
	return []string{
		"ALIBABA_CLOUD_ACCESS_KEY_ID=" + DemoID,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + DemoSecret,
		"ALICLOUD_REGION=" + w.cloud.Regions()[0],
	}
}
