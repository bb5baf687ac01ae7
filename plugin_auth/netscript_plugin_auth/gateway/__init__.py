"""What gateways ask: may this request pass, and whose is it?"""
