package alicloud

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// Keys are the credentials that the simulator accepts from the start.
func Keys() simulator.Keys {
	return simulator.KeyForm{
		Cloud: Name, Lasting: "LTAI-", Temporary: "STS.", SecondAccount: SecondAccountID,
		Describe: []string{"ecs:Describe*"},
	}.Keys()
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
	key := Keys().Lasting
	return []string{
		"ALIBABA_CLOUD_ACCESS_KEY_ID=" + key.AccessKeyID,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + key.Secret,
		"ALICLOUD_REGION=" + w.cloud.Regions()[0],
	}
}
