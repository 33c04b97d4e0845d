package tencentcloud

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// The credentials that the simulator accepts. They are public on purpose, and
// no cloud knows them.
const (
	DemoID     = "AKID-simulator-demo"
	DemoSecret = "not-a-secret-tencentcloud"

	TemporaryID     = "AKID-simulator-temporary"
	TemporarySecret = "not-a-secret-tencentcloud-temporary"
	TemporaryToken  = "not-a-token-tencentcloud" //nolint:gosec // A token of the simulator, worth nothing anywhere.

	ExpiredID     = "AKID-simulator-expired"
	ExpiredSecret = "not-a-secret-tencentcloud-expired"
	ExpiredToken  = "not-a-token-tencentcloud-expired" //nolint:gosec // A token of the simulator, worth nothing anywhere.

	DeniedID     = "AKID-simulator-denied"
	DeniedSecret = "not-a-secret-tencentcloud-denied"

	ReadOnlyID     = "AKID-simulator-read-only"
	ReadOnlySecret = "not-a-secret-tencentcloud-read-only"

	// SecondID is of the second account, MainID of the first account itself.
	SecondID     = "AKID-simulator-second"
	SecondSecret = "not-a-secret-tencentcloud-second"
	MainID       = "AKID-simulator-main"
	MainSecret   = "not-a-secret-tencentcloud-main"
)

// Keys are the credentials above.
func Keys() simulator.Keys {
	return simulator.Keys{
		Lasting:   simulator.Credential{AccessKeyID: DemoID, Secret: DemoSecret},
		Temporary: simulator.Credential{AccessKeyID: TemporaryID, Secret: TemporarySecret, Token: TemporaryToken},
		Expired:   simulator.Credential{AccessKeyID: ExpiredID, Secret: ExpiredSecret, Token: ExpiredToken, Expired: true},
		Denied:    simulator.Credential{AccessKeyID: DeniedID, Secret: DeniedSecret, Policy: simulator.AllowOnly()},
		ReadOnly: simulator.Credential{
			AccessKeyID: ReadOnlyID, Secret: ReadOnlySecret, Policy: simulator.AllowOnly("cvm:Describe*"),
		},
		Second: simulator.Credential{AccessKeyID: SecondID, Secret: SecondSecret, Account: SecondAccountID},
		Main:   simulator.Credential{AccessKeyID: MainID, Secret: MainSecret, Main: true},
	}
}

// DemoFleet implements simulator.Wire.
func (w *Wire) DemoFleet() []simulator.Instance {
	return []simulator.Instance{
		{ID: "ins-demoweb1", Name: "web-1", PublicIP: "203.0.113.11", Tags: map[string]string{"role": "web"}},
		{ID: "ins-demoweb2", Name: "web-2", ElasticIP: "203.0.113.12", Tags: map[string]string{"role": "web"}},
		{
			ID: "ins-demobatch", Name: "batch", Status: stopped, StoppedMode: stopCharging,
			Tags: map[string]string{"role": "batch"},
		},
		{ID: "ins-demoprepaid", Name: "database", ChargeType: prePaid, Tags: map[string]string{"role": "database"}},
		{ID: "ins-demolocal", Name: "cache", LocalDisk: true, Tags: map[string]string{"role": "cache"}},
		{ID: "ins-demospot", Name: "spot", Spot: true, ChargeType: spotPaid},
		{ID: "ins-demorescue", Name: "in-rescue-mode", Status: rescueMode},
		{ID: "ins-demoarrears", Name: "in-arrears", Status: shutdown, Arrears: true},
		{ID: "ins-demoshanghai", Name: "shanghai", Region: "ap-shanghai"},
	}
}

// Environment implements simulator.Wire.
func (w *Wire) Environment(string) []string {
	return []string{
		"TENCENTCLOUD_SECRET_ID=" + DemoID,
		"TENCENTCLOUD_SECRET_KEY=" + DemoSecret,
		"TENCENTCLOUD_REGION=" + w.cloud.Regions()[0],
	}
}
